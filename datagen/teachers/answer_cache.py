"""Asks a model only what it was never asked: answers are kept by content and survive a crash."""

import hashlib
import json
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from harness.completion import Completion
from harness.files.json_lines import JsonLines
from harness.model import Model, Request, Sampling


class _Line(msgspec.Struct):
    key: str
    answer: Completion


# Not the cache of served answers in harness.models.api: that one is shared by all runs, may be dropped at any time and
# holds public servers only. This file belongs to one data set, answers for every kind of teacher, and is what makes a
# killed run go on to the same rows.
class TeacherAnswers(AbstractContextManager["TeacherAnswers"]):
    """The answers of all teachers, in one append-only file; only their places are held in memory."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._lines = JsonLines(file, _Line)
        self._places: dict[bytes, int] = {}

    def __enter__(self) -> Self:
        self._lines.open()
        self._places = {bytes.fromhex(line.key): place for place, line in self._lines.read()}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lines.close()

    def find(self, key: bytes) -> Completion | None:
        """The answer that was given before."""
        place = self._places.get(key)
        return None if place is None else self._lines.read_at(place).answer

    def keep(self, key: bytes, answer: Completion) -> Completion:
        """Puts an answer on disk, and returns it as it stands there."""
        # Half a character (a lone surrogate) is no text that a file could hold; servers do send it.
        texts = {
            name: text.encode("utf-8", "replace").decode()
            for name, text in (("completion", answer.completion), ("reasoning_content", answer.reasoning_content))
            if isinstance(text, str)
        }
        answer = replace(answer, **texts)
        self._places[key] = self._lines.append(_Line(key.hex(), answer))
        return answer


def answer_key(model: Model, request: Request, sampling: Sampling) -> bytes:
    """Hash of the model's name, the prompt, how tokens are drawn and whose answer it is."""
    deciding = [model.name, request.prompt.sha256, asdict(sampling), request.seed, request.task_id, request.sample]
    return hashlib.sha256(json.dumps([*deciding, request.turn], sort_keys=True).encode()).digest()
