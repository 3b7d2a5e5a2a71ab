"""Which shared libraries a program or library needs: a reader of ELF files, 64 bits, the processor's own byte order."""

import os
import struct
from collections.abc import Iterable, Iterator
from functools import lru_cache

_MAGIC = b"\x7fELF\x02"
_HEADER = struct.Struct("=32xQ14xHH")
"""Offset, entry size and number of the program headers."""
_SEGMENT = struct.Struct("=IIQQQQQQ")
"""Type, flags, offset, virtual address, physical address, size in the file, size in memory, alignment."""
_TAG = struct.Struct("=qQ")
_LOAD, _DYNAMIC, _INTERPRETER = 1, 2, 3
_NEEDED, _STRING_TABLE, _RPATH, _RUNPATH = 1, 5, 15, 29
_HEAD_BYTES = 4096


def libraries_of(files: Iterable[str], folders: Iterable[str]) -> set[str]:
    """Paths of all libraries, and of the loader, that these files need directly or through others.

    `folders` are searched after those that a file names itself. A library that is nowhere is left out: it may be one
    that never gets loaded.
    """
    default = tuple(folders)
    found: set[str] = set()
    waiting = list(files)
    while waiting:
        path = waiting.pop()
        needed, own_folders = _dynamic_section(path)
        origin = os.path.dirname(path)
        for name in needed:
            searched = [folder.replace("$ORIGIN", origin).replace("${ORIGIN}", origin) for folder in own_folders]
            library = name if "/" in name else _find(name, (*searched, *default))
            if library and library not in found:
                found.add(library)
                waiting.append(library)
    return found


@lru_cache(maxsize=1024)
def _find(name: str, folders: tuple[str, ...]) -> str:
    for folder in folders:
        path = os.path.normpath(f"{folder}/{name}")
        if os.path.exists(path):
            return path
    return ""


def _dynamic_section(path: str) -> tuple[list[str], list[str]]:
    """Names of the libraries and the loader that a file asks for, and the folders where it has them searched."""
    with open(path, "rb", buffering=0) as file:
        head = file.read(_HEAD_BYTES)
        if not head.startswith(_MAGIC):
            return [], []
        offset, size, count = _HEADER.unpack_from(head)
        if offset + size * count > len(head):
            head = os.pread(file.fileno(), offset + size * count, 0)
        segments = [_SEGMENT.unpack_from(head, offset + n * size) for n in range(count)]
        names: list[str] = []
        folders: list[str] = []
        tags: list[tuple[int, int]] = []
        for kind, _, start, _, _, length, _, _ in segments:
            if kind == _INTERPRETER:
                names.append(os.pread(file.fileno(), length, start).rstrip(b"\0").decode())
            elif kind == _DYNAMIC:
                tags = list(_TAG.iter_unpack(os.pread(file.fileno(), length, start)))
        texts = _string_table(file.fileno(), segments, tags)
        for tag, value in tags:
            if tag == _NEEDED:
                names.append(_text_at(texts, value))
            elif tag in (_RPATH, _RUNPATH):
                folders += _text_at(texts, value).split(":")
        return names, folders


def _string_table(descriptor: int, segments: list[tuple[int, ...]], tags: list[tuple[int, int]]) -> bytes:
    """From its start to as far as any name can begin, and a little further."""
    for address in _values(tags, _STRING_TABLE):
        for kind, _, start, base, _, length, _, _ in segments:
            if kind == _LOAD and base <= address < base + length:
                last = max(_values(tags, _NEEDED, _RPATH, _RUNPATH), default=0)
                return os.pread(descriptor, last + _HEAD_BYTES, start + address - base)
    return b""


def _values(tags: list[tuple[int, int]], *kinds: int) -> Iterator[int]:
    return (value for tag, value in tags if tag in kinds)


def _text_at(texts: bytes, start: int) -> str:
    return texts[start : texts.index(b"\0", start)].decode()
