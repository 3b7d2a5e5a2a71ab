"""What a sample prints, held where no later sample can read it.

Every sample inherits its fork server's memory, and a sample that has run beside its tests may print them. So its
output never lies on the server's heap, where it would outlive the sample: it goes from the pipe into pages of its own,
which no child inherits, and from there to the host process.
"""

import mmap
import os

READ_SIZE = 64 * 1024


class CapturedOutput:
    """The first `size` bytes of a stream."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._memory: mmap.mmap | bytes = b""
        self._view = memoryview(b"")
        self.total = 0
        """How many bytes were read in all."""

    def drain(self, descriptor: int) -> bool:
        """Reads what is there; False at the end of the stream, and where a program took back what it had written.

        For that it opens its own pipe for reading, so `descriptor` should not block: a read must not wait for it.
        """
        if not self._memory:  # made only now, as most streams stay empty
            self._memory = mmap.mmap(-1, self._size + READ_SIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
            self._memory.madvise(mmap.MADV_DONTFORK)
            self._view = memoryview(self._memory)
        begin = len(self)  # once full, later reads overwrite each other behind the end: counted, not captured
        try:
            count = os.readv(descriptor, [self._view[begin : begin + READ_SIZE]])
        except BlockingIOError:
            return False
        self.total += count
        return bool(count)

    def take(self, data: bytes) -> None:
        """Holds what was read already, and is no program's to keep."""
        self._memory, self.total = data[: self._size], len(data)
        self._view = memoryview(self._memory)

    def __len__(self) -> int:
        return min(self.total, self._size)

    @property
    def view(self) -> memoryview:
        """The bytes, where they lie."""
        return self._view[: len(self)]

    def starts_with(self, data: bytes) -> bool:
        return self._memory.find(data, 0, min(len(data), len(self))) == 0

    def is_exactly(self, data: bytes) -> bool:
        return self.total == len(data) and self.starts_with(data)

    def holds(self, data: bytes) -> bool:
        return self._memory.find(data, 0, len(self)) >= 0

    def text(self) -> str:
        """A copy, for what no program wrote."""
        return bytes(self.view).decode(errors="replace")
