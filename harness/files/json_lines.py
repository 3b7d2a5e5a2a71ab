"""An append-only file of JSON lines that survives crashes and full disks, read as a stream."""

import errno
import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import BinaryIO, Generic, TypeVar

import msgspec

from sandbox.errors import WavebenchError

T = TypeVar("T")

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What the system says when nothing more can be written: disk, quota or size limit."""
_SCAN_BYTES = 1 << 16


class FullDiskError(WavebenchError):
    """No room to write; everything written before is whole."""


class BrokenLineError(WavebenchError):
    """A line in the middle of the file is not what the file holds."""


@contextmanager
def explain_full_disk(path: Path) -> Generator[None]:
    """Raises FullDiskError where writing `path` finds no room; other errors pass."""
    try:
        yield
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise FullDiskError(
            f"No room left to write {str(path)!r}: free some space and run the same command again; nothing is lost."
        ) from error


def read_lines(path: Path, kind: type[T], begin: int = 0) -> Iterator[tuple[int, T]]:
    """Every whole line from the offset `begin` on, with the offset where it ends; one line is in memory at a time.

    Stops before a torn last line. Raises BrokenLineError, OSError.
    """
    decoder = msgspec.json.Decoder(kind)
    with path.open("rb") as stream:
        stream.seek(begin)
        end = begin
        for number, line in enumerate(stream, start=1):
            # Torn by a kill, or still being written.
            if not line.endswith(b"\n"):
                return
            try:
                item = decoder.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                place = f"Line {number}" if begin == 0 else f"The line at byte {end}"
                raise BrokenLineError(
                    f"{place} of {str(path)!r} is damaged ({error}): remove that line and run the "
                    f"same command again; only its sample is done again."
                ) from None
            end += len(line)
            yield end, item


@dataclass(slots=True)
class JsonLines(Generic[T]):
    """Lines of one kind in one file. Only `append` needs the file to be open for writing."""

    path: Path
    kind: type[T]
    _descriptor: int | None = None
    _end: int = 0
    _reader: BinaryIO | None = None
    _reading: Lock = field(default_factory=Lock)

    def open(self) -> None:
        """Opens for appending and drops a torn last line, all that a crash can leave behind."""
        self._descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        self._end = _whole_lines_end(self._descriptor)
        os.ftruncate(self._descriptor, self._end)

    def close(self) -> None:
        """Makes what was written safe against a power cut, and closes."""
        if self._descriptor is not None:
            os.fsync(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = None
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def append(self, item: T) -> int:
        """Writes one line at once and returns the offset where it begins.

        Raises FullDiskError when there is no room; the file then ends with the line before.
        """
        descriptor = self._descriptor
        if descriptor is None:
            raise ValueError(f"{self.path} is not open for writing")
        line = msgspec.json.encode(item) + b"\n"
        begin = self._end
        try:
            with explain_full_disk(self.path):
                view = memoryview(line)
                while view:
                    view = view[os.write(descriptor, view) :]
        except (FullDiskError, OSError):
            os.ftruncate(descriptor, begin)
            raise
        self._end = begin + len(line)
        return begin

    def read_at(self, offset: int) -> T:
        """The line that begins at `offset`. Any thread may ask."""
        with self._reading:
            if self._reader is None:
                self._reader = self.path.open("rb")
            self._reader.seek(offset)
            line = self._reader.readline()
        return msgspec.json.decode(line, type=self.kind)

    def read(self) -> Iterator[tuple[int, T]]:
        """Every whole line with the offset where it begins; nothing where there is no file. Raises BrokenLineError."""
        if not self.path.exists():
            return
        begin = 0
        for end, item in read_lines(self.path, self.kind):
            yield begin, item
            begin = end


def _whole_lines_end(descriptor: int) -> int:
    """Offset just behind the last line break."""
    # From the end: the file may hold gigabytes, and a torn line is short.
    end = os.fstat(descriptor).st_size
    while end > 0:
        begin = max(0, end - _SCAN_BYTES)
        found = os.pread(descriptor, end - begin, begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        end = begin
    return 0
