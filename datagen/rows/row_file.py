"""A file of JSON lines as a sequence that lies on disk: memory holds one number for each row."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar, overload

import msgspec
import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")
R = TypeVar("R")

_BLOCK_BYTES = 1 << 19
_SCAN_BYTES = 1 << 24


@dataclass(frozen=True, slots=True)
class RowSpan:
    """Some whole rows of a file that lie together; small, so that it can go to another process."""

    path: Path
    begin: int
    """First byte."""
    end: int
    """Last byte and one."""
    place: int
    """Number of its first row."""
    rows: int
    contents: bytes | None = None
    """Its bytes, where the file is on another machine."""

    def lines(self) -> list[bytes]:
        """The rows as they stand, each with its line break."""
        return self._read().splitlines(keepends=True)

    def with_contents(self) -> "RowSpan":
        """The same with its bytes, so that it can be worked on elsewhere."""
        return replace(self, contents=self._read())

    def _read(self) -> bytes:
        if self.contents is not None:
            return self.contents
        with self.path.open("rb") as stream:
            stream.seek(self.begin)
            return stream.read(self.end - self.begin)

    def read(self, kind: type[T]) -> list[T]:
        """The rows."""
        decoder = msgspec.json.Decoder(kind)
        return [decoder.decode(line) for line in self.lines()]


class RowFile(Sequence[T], Generic[T]):
    """The rows of a finished file of JSON lines."""

    def __init__(self, path: Path, kind: type[T]) -> None:
        self._path = path
        self._decoder = msgspec.json.Decoder(kind)
        ends: list[NDArray[np.int64]] = []
        begin = 0
        with path.open("rb") as stream:
            while block := stream.read(_SCAN_BYTES):
                ends.append(np.flatnonzero(np.frombuffer(block, np.uint8) == 10) + (begin + 1))
                begin += len(block)
        self._ends = np.concatenate(ends) if ends else np.empty(0, np.int64)
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    def __del__(self) -> None:
        if hasattr(self, "_descriptor"):
            os.close(self._descriptor)

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> list[T]: ...
    def __getitem__(self, place: int | slice) -> T | list[T]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        return self._decoder.decode(self.line(place))

    def __iter__(self) -> Iterator[T]:
        with self._path.open("rb") as stream:
            yield from map(self._decoder.decode, stream)

    def line(self, place: int) -> bytes:
        """The row as it stands, with its line break."""
        begin = self._begin(place)
        return os.pread(self._descriptor, int(self._ends[place]) - begin, begin)

    def spans(self) -> Iterator[RowSpan]:
        """All rows in blocks of about half a megabyte."""
        place = 0
        while place < len(self._ends):
            begin = self._begin(place)
            after = max(int(np.searchsorted(self._ends, begin + _BLOCK_BYTES, "right")), place + 1)
            yield RowSpan(self._path, begin, int(self._ends[after - 1]), place, after - place)
            place = after

    def _begin(self, place: int) -> int:
        if not 0 <= place < len(self._ends):
            raise IndexError(place)
        return int(self._ends[place - 1]) if place else 0


class MappedRows(Sequence[R], Generic[T, R]):
    """One thing of each row of a sequence, such as a function's code; nothing is held in memory."""

    def __init__(self, rows: Sequence[T], change: Callable[[T], R]) -> None:
        self._rows, self._change = rows, change

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, place: int) -> R: ...
    @overload
    def __getitem__(self, place: slice) -> list[R]: ...
    def __getitem__(self, place: int | slice) -> R | list[R]:
        if isinstance(place, slice):
            return [self._change(row) for row in self._rows[place]]
        return self._change(self._rows[place])

    def __iter__(self) -> Iterator[R]:
        return map(self._change, self._rows)
