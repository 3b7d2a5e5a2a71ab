"""Who answers what: blocks of samples that several processes claim one by one, each block once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

from harness.model import Request

BLOCK_SAMPLES = 16
"""At most so many samples of one problem are claimed together; they share the reading of their prompt."""


class WorkBlock(msgspec.Struct, frozen=True):
    """Samples of one problem."""

    task_id: str
    samples: list[int]


def cut_into_blocks(keys: Sequence[tuple[str, int]], processes: int) -> list[WorkBlock]:
    """Small enough that every process gets some."""
    most = max(1, min(BLOCK_SAMPLES, len(keys) // (4 * processes)))
    blocks: list[WorkBlock] = []
    for task_id, sample in keys:
        if blocks and blocks[-1].task_id == task_id and len(blocks[-1].samples) < most:
            blocks[-1].samples.append(sample)
        else:
            blocks.append(WorkBlock(task_id, [sample]))
    return blocks


@dataclass(slots=True)
class WorkQueue:
    """The requests that one process answers, as an iterator.

    It pauses, as an iterator that ends and later goes on, while the process has enough in hand: a fair share of a small
    round, or a full batch and some, so that no process hoards what another could do. A model that takes the pause for
    the end leaves the rest to the next round.
    """

    blocks: Sequence[WorkBlock]
    claim: Callable[[], int]
    """The number of a block that nobody else gets."""
    request: Callable[[str, int], Request]
    processes: int
    batch_rows: int
    _in_hand: int = 0
    _claimed: int = 0
    _current: Iterator[tuple[str, int]] = field(default_factory=lambda: iter(()))

    def answered(self) -> None:
        """One of the requests is done."""
        self._in_hand -= 1

    def __iter__(self) -> Iterator[Request]:
        return self

    def __next__(self) -> Request:
        key = next(self._current, None)
        if key is None:
            self._claim_block()
            key = next(self._current)
        self._in_hand += 1
        return self.request(*key)

    def _claim_block(self) -> None:
        if self._claimed >= len(self.blocks) or self._in_hand >= self._enough():
            return
        self._claimed = self.claim() + 1
        if self._claimed <= len(self.blocks):
            block = self.blocks[self._claimed - 1]
            self._current = ((block.task_id, sample) for sample in block.samples)

    def _enough(self) -> int:
        share = -(-sum(len(block.samples) for block in self.blocks) // self.processes)
        left = sum(len(block.samples) for block in self.blocks[self._claimed :])
        return max(min(self.batch_rows, share), left // (2 * self.processes))
