"""Which process answers what: blocks of samples that several processes claim one by one, each block once."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

from harness.model import Request

BLOCK_SAMPLES = 16
"""Most samples of one problem that are claimed together; they share the reading of their prompt."""


class WorkBlock(msgspec.Struct, frozen=True):
    """Samples of one problem."""

    task_id: str
    samples: list[int]


def cut_into_blocks(keys: Sequence[tuple[str, int]], processes: int) -> list[WorkBlock]:
    """Small enough that every process gets some."""
    most = max(1, min(BLOCK_SAMPLES, len(keys) // (4 * processes)))  # four blocks each: all end at about one time
    blocks: list[WorkBlock] = []
    for task_id, sample in keys:
        if blocks and blocks[-1].task_id == task_id and len(blocks[-1].samples) < most:
            blocks[-1].samples.append(sample)
        else:
            blocks.append(WorkBlock(task_id, [sample]))
    return blocks


@dataclass(slots=True)
class WorkQueue:
    """The requests that one process answers, as a `JobQueue`.

    Has nothing now while the process has enough in hand: a fair share of a small round, or a full batch and some, so
    that no process hoards what another could do. A model that only iterates takes that for the end; what it leaves is
    missing in the next round.
    """

    blocks: Sequence[WorkBlock]
    claim: Callable[[], int]
    """Returns the number of a block that no other process gets."""
    request: Callable[[str, int], Request]
    processes: int
    batch_rows: int
    _in_hand: int = 0
    _claimed: int = 0
    """One more than the number of the block claimed last: every block before it belongs to somebody."""
    _current: deque[tuple[str, int]] = field(default_factory=lambda: deque[tuple[str, int]]())

    def take(self) -> Request | None:
        if not self._current and self._claimed < len(self.blocks):
            share = -(-sum(len(block.samples) for block in self.blocks) // self.processes)
            left = sum(len(block.samples) for block in self.blocks[self._claimed :])
            # Towards the end of a round the share shrinks, so that no process is left with a long tail.
            if self._in_hand < max(min(self.batch_rows, share), left // (2 * self.processes)):
                self._claimed = self.claim() + 1
                if self._claimed <= len(self.blocks):
                    block = self.blocks[self._claimed - 1]
                    self._current.extend((block.task_id, sample) for sample in block.samples)
        if not self._current:
            return None
        self._in_hand += 1
        return self.request(*self._current.popleft())

    @property
    def closed(self) -> bool:
        return not self._current and self._claimed >= len(self.blocks)

    def __iter__(self) -> Iterator[Request]:
        """The requests until there is none now."""
        return iter(self.take, None)

    def count_answer(self) -> None:
        """Notes that one of the requests is answered."""
        self._in_hand -= 1
