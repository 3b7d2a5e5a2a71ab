"""Texts and raw bytes behind their length: how programs reach their samples, and calls their candidates.

Read by fresh forks, which pay for each object that they touch for the first time: hence no JSON, and few imports.
"""

import os
import struct
from builtins import len, min, range  # noqa: A004, UP029 (a candidate may change its process's own)
from collections.abc import Mapping, Sequence

STARTED = b"+"
"""First byte that a sample sends: all walls are up, the program begins."""
PROOF_BYTES = 16
"""Length of the random bytes that a program's own process sends back after its last line: its completion proof."""
NOT_STARTED_CODE = 125
"""Exit code of a process that ended before it executed what it was forked for."""

_LENGTH = struct.Struct("<I")


def framed(data: bytes) -> bytes:
    """Raw bytes behind their length."""
    return _LENGTH.pack(len(data)) + data


def write_bytes(descriptor: int, data: bytes) -> None:
    """Writes raw bytes behind their length."""
    write_all(descriptor, framed(data))


def read_bytes(descriptor: int, limit: int = 1 << 31) -> bytes | None:
    """Reads what `write_bytes` wrote; None when the other side is gone or announces more than `limit` bytes."""
    head = read_exactly(descriptor, _LENGTH.size)
    if head is None or _LENGTH.unpack(head)[0] > limit:
        return None
    return read_exactly(descriptor, _LENGTH.unpack(head)[0])


def encode_texts(texts: Sequence[str]) -> bytes:
    """One frame of some texts: how many bytes of sizes, the sizes, the texts."""
    encoded = [text.encode(errors="surrogatepass") for text in texts]
    sizes = b"".join(_LENGTH.pack(len(data)) for data in encoded)
    body = b"".join([_LENGTH.pack(len(sizes)), sizes, *encoded])
    return _LENGTH.pack(len(body)) + body


def read_texts(descriptor: int) -> list[str]:
    """Reads what `encode_texts` gave. Raises OSError when it ends early."""
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


def read_exactly(descriptor: int, size: int) -> bytes | None:
    """So many bytes; None when the other side is gone before."""
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
