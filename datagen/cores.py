"""Work on all cores: blocks go to processes, results come back in the order of the blocks, whatever finished first."""

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from typing import TypeVar

from harness.processes import end_with_parent
from sandbox.errors import WavebenchError

B = TypeVar("B")
R = TypeVar("R")

_BLOCKS_WITHOUT_POOL = 4
"""So few are done sooner here than processes start."""
_AHEAD = 3
"""Blocks handed out for each process; so memory stays flat however many there are."""


def count_cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0))


def map_in_order(work: Callable[[B], R], blocks: Iterable[B], processes: int | None = None) -> Iterator[R]:
    """`work` of every block, in order; at once on `processes` (None: one for each core) where there are enough blocks.

    `work` must be importable. Results do not depend on the number of processes. Raises WavebenchError when a process
    is killed; what `work` raises is raised here.
    """
    rest = iter(blocks)
    processes = processes or count_cores()
    first = list(islice(rest, _BLOCKS_WITHOUT_POOL))
    if processes == 1 or len(first) < _BLOCKS_WITHOUT_POOL:
        yield from map(work, chain(first, rest))
        return
    # Spawned, since a fork of a process with threads (progress, torch) may hang.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=end_with_parent)
    try:
        pending: deque[Future[R]] = deque()
        for block in chain(first, rest):
            pending.append(pool.submit(work, block))
            if len(pending) >= _AHEAD * processes:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    except BrokenProcessPool:
        raise WavebenchError(
            "A process that worked on a part of the data was killed, most often for memory: free some, or set "
            "execution.workers to fewer; the same command goes on."
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)
