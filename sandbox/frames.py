"""How the judge and its servers speak: JSON frames behind a length, over one socket.

A program travels in a descriptor beside its frame, as plain texts: only the sample itself reads it, so that a server's
memory, which every later sample inherits, never holds a line of anybody's tests.
"""

import json
import os
import socket
import struct
from builtins import len, min, range  # noqa: A004, UP029 (a candidate may change its process's own)
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from sandbox.kept import Kept


class Role(StrEnum):
    """What a server is for."""

    FORKER = "forker"
    """It forks candidates."""
    TESTER = "tester"
    """It runs the tests that are kept apart from them."""


_LENGTH = struct.Struct("<I")


def encode_frame(message: dict[str, Any]) -> bytes:
    """The bytes of one frame."""
    body = json.dumps(message, ensure_ascii=True).encode()
    return _LENGTH.pack(len(body)) + body


def write_frame(descriptor: int, message: dict[str, Any]) -> None:
    """Writes one frame whole."""
    write_all(descriptor, encode_frame(message))


def send_with_descriptors(control: socket.socket, message: dict[str, Any], descriptors: list[int]) -> None:
    """Sends a small frame and, beside it, some descriptors."""
    socket.send_fds(control, [encode_frame(message)], descriptors)


def receive_with_descriptors(control: socket.socket, most: int = 2) -> tuple[dict[str, Any], list[int]] | None:
    """A frame and the descriptors that came with it, `most` at most; None when the other side is gone."""
    try:
        head, descriptors, _, _ = socket.recv_fds(control, _LENGTH.size, most)
    except ConnectionError:
        return None
    if not head:
        return None
    body = _read_exactly(control.fileno(), _LENGTH.unpack(head)[0])
    return None if body is None else (json.loads(body), descriptors)


def write_report(descriptor: int, report: dict[str, Any]) -> None:
    """Writes a frame, and behind it what its `Kept` values hold, without a copy in this process's memory."""
    streams = {name: value for name, value in report.items() if isinstance(value, Kept)}
    facts = {name: value for name, value in report.items() if name not in streams}
    write_frame(descriptor, facts | {"streams": {name: len(kept) for name, kept in streams.items()}})
    for kept in streams.values():
        write_all(descriptor, kept.view)


def read_report(descriptor: int) -> dict[str, Any] | None:
    """Reads what `write_report` or `write_frame` wrote; None when the other side is gone."""
    message = read_frame(descriptor)
    if message is None:
        return None
    for name, size in message.pop("streams", {}).items():
        data = _read_exactly(descriptor, size)
        if data is None:
            return None
        message[name] = data.decode(errors="replace")
    return message


def framed(data: bytes) -> bytes:
    """Raw bytes behind their length."""
    return _LENGTH.pack(len(data)) + data


def write_bytes(descriptor: int, data: bytes) -> None:
    """Writes raw bytes behind their length."""
    write_all(descriptor, framed(data))


def read_bytes(descriptor: int, limit: int = 1 << 31) -> bytes | None:
    """Reads what `write_bytes` wrote; None when the other side is gone or announces more than `limit` bytes."""
    head = _read_exactly(descriptor, _LENGTH.size)
    if head is None or _LENGTH.unpack(head)[0] > limit:
        return None
    return _read_exactly(descriptor, _LENGTH.unpack(head)[0])


def read_frame(descriptor: int) -> dict[str, Any] | None:
    """Reads one frame whole; None when the other side is gone."""
    body = read_bytes(descriptor)
    return None if body is None else json.loads(body)


def encode_texts(texts: Sequence[str]) -> bytes:
    """One frame of some texts: how many bytes of sizes, the sizes, the texts."""
    encoded = [text.encode(errors="surrogatepass") for text in texts]
    sizes = b"".join(_LENGTH.pack(len(data)) for data in encoded)
    body = b"".join([_LENGTH.pack(len(sizes)), sizes, *encoded])
    return _LENGTH.pack(len(body)) + body


def read_texts(descriptor: int) -> list[str]:
    """Reads what `encode_texts` gave. Raises OSError when it ends early.

    Done by fresh forks, which pay for each object that they touch for the first time: hence no JSON.
    """
    body = read_bytes(descriptor)
    if body is None:
        raise OSError("the program did not arrive")
    begin = 4 + int.from_bytes(body[:4], "little")
    texts: list[str] = []
    for place in range(4, begin, 4):
        end = begin + int.from_bytes(body[place : place + 4], "little")
        texts.append(body[begin:end].decode(errors="surrogatepass"))
        begin = end
    return texts


def encode_program(files: Mapping[str, str], stdin: str = "") -> bytes:
    """The bytes of a program for its sample."""
    return encode_texts([stdin, *(part for file in files.items() for part in file)])


def read_program(descriptor: int) -> tuple[dict[str, str], str]:
    """Files and stdin of what `encode_program` gave. Raises OSError when it ends early."""
    stdin, *parts = read_texts(descriptor)
    return dict(zip(parts[::2], parts[1::2], strict=True)), stdin


def write_all(descriptor: int, data: bytes | memoryview) -> None:
    """Writes all of it, however long that takes."""
    while data:
        written = os.write(descriptor, data)
        if written == len(data):
            return
        data = memoryview(data)[written:]


def _read_exactly(descriptor: int, size: int) -> bytes | None:
    parts: list[bytes] = []
    while size:
        try:
            part = os.read(descriptor, min(size, 1 << 20))
        except ConnectionError:
            return None
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
