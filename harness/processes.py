"""Processes that share the work of one command, and end with it."""

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from typing import TypeVar

from sandbox.errors import WavebenchError

B = TypeVar("B")
R = TypeVar("R")

_AHEAD = 3
"""Blocks handed out for each process; so memory stays flat however many there are."""


def map_in_order(
    work: Callable[[B], R], blocks: Iterable[B], processes: int | None = None, *, worth_blocks: int = 4
) -> Iterator[R]:
    """`work` of every block, in order; at once on `processes` (None: one for each core) from `worth_blocks` on.

    Fewer blocks are done sooner here than processes start. `work` must be importable. Results do not depend on the
    number of processes. Raises WavebenchError when a process is killed; what `work` raises is raised here.
    """
    rest = iter(blocks)
    processes = processes or len(os.sched_getaffinity(0))
    first = list(islice(rest, worth_blocks))
    if processes == 1 or len(first) < worth_blocks:
        yield from map(work, chain(first, rest))
        return
    # Spawned, since a fork of a process with threads (progress, numpy, torch) may hang.
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
            "A process that did a part of the work was killed, most often for memory: free some, or ask for fewer at "
            "once (--workers; of datagen, execution.workers), and give the same command again."
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


def end_with_parent() -> None:
    """Ends this process once the one that started it has ended: the initializer of a `ProcessPoolExecutor`.

    A killed parent closes no pipe that its children also hold: they would wait for work for ever.
    """
    threading.Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
