"""How the host process and its servers speak: JSON frames behind a length, over one socket.

A program travels in a descriptor beside its frame, as plain texts (`sandbox.wire.texts`): only the sample itself reads
it, so that no memory which a later sample inherits ever holds a line of anybody's tests.
"""

import json
import socket
import struct
from enum import StrEnum
from typing import Any

from sandbox.wire.captured_output import CapturedOutput
from sandbox.wire.texts import read_bytes, read_exactly, write_all


class Role(StrEnum):
    """What a server is for."""

    FORKER = "forker"
    """It runs whole programs."""
    TESTER = "tester"
    """It runs tests, and has the candidates forked that these call."""


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
    body = read_exactly(control.fileno(), _LENGTH.unpack(head)[0])
    return None if body is None else (json.loads(body), descriptors)


def write_report(descriptor: int, report: dict[str, Any]) -> None:
    """Writes a frame, and behind it what its `CapturedOutput` values hold, without a copy in this process's memory."""
    streams = {name: value for name, value in report.items() if isinstance(value, CapturedOutput)}
    facts = {name: value for name, value in report.items() if name not in streams}
    write_frame(descriptor, facts | {"streams": {name: len(output) for name, output in streams.items()}})
    for output in streams.values():
        write_all(descriptor, output.view)


def read_report(descriptor: int) -> dict[str, Any] | None:
    """Reads what `write_report` or `write_frame` wrote; None when the other side is gone."""
    message = read_frame(descriptor)
    if message is None:
        return None
    for name, size in message.pop("streams", {}).items():
        data = read_exactly(descriptor, size)
        if data is None:
            return None
        message[name] = data.decode(errors="replace")
    return message


def read_frame(descriptor: int) -> dict[str, Any] | None:
    """Reads one frame whole; None when the other side is gone."""
    body = read_bytes(descriptor)
    return None if body is None else json.loads(body)
