"""How the judge and its servers speak: JSON frames behind a length, over one socket.

A program travels in a descriptor beside its frame: only the sample itself reads it, so that a server's memory, which
every later sample inherits, never holds a line of anybody's tests.
"""

import json
import os
import socket
import struct
from typing import Any

_LENGTH = struct.Struct("<I")


def encode_frame(message: dict[str, Any]) -> bytes:
    """The bytes of one frame."""
    body = json.dumps(message, ensure_ascii=True).encode()
    return _LENGTH.pack(len(body)) + body


def write_frame(descriptor: int, message: dict[str, Any]) -> None:
    """Writes one frame whole."""
    data = memoryview(encode_frame(message))
    while data:
        data = data[os.write(descriptor, data) :]


def send_with_descriptor(channel: socket.socket, message: dict[str, Any], descriptor: int) -> None:
    """Sends a small frame and, beside it, a descriptor."""
    socket.send_fds(channel, [encode_frame(message)], [descriptor])


def receive_with_descriptor(channel: socket.socket) -> tuple[dict[str, Any], int] | None:
    """A frame and the descriptor that came with it; None when the other side is gone."""
    try:
        head, descriptors, _, _ = socket.recv_fds(channel, _LENGTH.size, 1)
    except ConnectionError:
        return None
    if not head:
        return None
    body = _read_exactly(channel.fileno(), _LENGTH.unpack(head)[0])
    return None if body is None else (json.loads(body), descriptors[0])


def read_frame(descriptor: int) -> dict[str, Any] | None:
    """Reads one frame whole; None when the other side is gone."""
    head = _read_exactly(descriptor, _LENGTH.size)
    if head is None:
        return None
    body = _read_exactly(descriptor, _LENGTH.unpack(head)[0])
    return None if body is None else json.loads(body)


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
