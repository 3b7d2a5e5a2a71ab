"""Answers of served models, kept under a hash of all that decides them, so that a repeated run is free."""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from harness.models.api.reply import BEYOND_CONTEXT, ApiAnswer
from sandbox.cache.store import BlobStore
from sandbox.toolchains.cache_folder import cache_folder

_MOST_MB = 1 << 20
"""Answers cost money: in practice nothing is ever dropped."""
_DECODER = msgspec.msgpack.Decoder(ApiAnswer)
_ENCODER = msgspec.json.Encoder(order="sorted")


def answer_key(server: str, fields: Mapping[str, Any], sample: int, turn: int) -> bytes:
    """32 bytes over the server, everything sent to it, and which sample it is: two samples are never one answer."""
    return hashlib.sha256(_ENCODER.encode([server, dict(fields), sample, turn])).digest()


class AnswerCache:
    """One SQLite file in the user's cache folder; many processes may use it. Holds no key of any provider."""

    def __init__(self) -> None:
        self._contents = BlobStore(
            cache_folder() / "answers.sqlite", _MOST_MB, kind="answer", without="every request is sent"
        )

    @property
    def remark(self) -> str:
        """Why the file cannot be used, or what became of it."""
        return self._contents.remark

    def find(self, key: bytes) -> ApiAnswer | None:
        content = self._contents.find(key)
        return _DECODER.decode(content) if content else None

    def keep(self, key: bytes, answer: ApiAnswer) -> None:
        """An empty answer may be a server's bad moment, and half a character has no form on disk: neither is kept.

        Nor is a prompt that did not fit into the context: it cost nothing, and the next server may have a longer one.
        """
        if answer.finish_reason == "empty" or answer == BEYOND_CONTEXT:
            return
        try:
            self._contents.keep(key, msgspec.msgpack.encode(answer))
        # It is written to the run folder with U+FFFD in its place, and asked for again another time.
        except UnicodeEncodeError:
            return

    def close(self) -> None:
        self._contents.close()
