"""Many requests under way at once behind a plain iterator: an event loop in its own thread feeds a queue."""

import asyncio
import os
from collections.abc import Callable, Coroutine, Generator, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from harness.model import ModelError
from sandbox.sandbox import JobQueue, WakingQueue, as_queue

Q = TypeVar("Q")
A = TypeVar("A")


def as_finished(
    requests: Iterable[Q] | JobQueue[Q],
    ask: Callable[[Q], Coroutine[Any, Any, A]],
    at_once: int,
    close: Callable[[], Coroutine[Any, Any, None]],
    wake_descriptor: int | None = None,
) -> Iterator[A]:
    """Yields each answer when it arrives, with never more than `at_once` requests drawn and unanswered.

    After a ModelError no more requests are drawn; those under way are waited for and yielded, then it is raised.
    `close` runs at the end, in the event loop that ran `ask`. With the `wake_descriptor` of a `WakingQueue` new
    requests are drawn as soon as they are there, and an empty queue is waited for until it is closed.
    """
    arrived: SimpleQueue[Future[A] | None] = SimpleQueue()
    queue = as_queue(requests)
    under_way = 0
    failure: ModelError | None = None

    def wake() -> None:
        os.eventfd_read(wake_descriptor or 0)
        arrived.put(None)

    with event_loop_thread(close) as loop:
        if wake_descriptor is not None:
            loop.call_soon_threadsafe(loop.add_reader, wake_descriptor, wake)
        while True:
            while failure is None and under_way < at_once and (request := queue.take()) is not None:
                asyncio.run_coroutine_threadsafe(ask(request), loop).add_done_callback(arrived.put)
                under_way += 1
            if not under_way and (wake_descriptor is None or failure or queue.closed):
                break
            # Blocks the caller alone; the loop goes on in its thread.
            future = arrived.get()
            if future is None:
                continue
            under_way -= 1
            if isinstance(error := future.exception(), ModelError):
                failure = failure or error
            else:
                yield future.result()
    if failure:
        raise failure


def wake_descriptor_of(requests: object) -> int | None:
    """The descriptor of a queue that tells when requests have come, else None."""
    return requests.wake_descriptor if isinstance(requests, WakingQueue) else None


@contextmanager
def event_loop_thread(close: Callable[[], Coroutine[Any, Any, None]]) -> Generator[asyncio.AbstractEventLoop]:
    """An event loop that runs for as long as the `with` block; what is still under way at its end is cancelled."""
    started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def live() -> None:
        stop = asyncio.Event()
        started.set_result((asyncio.get_running_loop(), stop))
        await stop.wait()
        await close()

    thread = Thread(target=lambda: asyncio.run(live()), name="wavebench-requests", daemon=True)
    thread.start()
    loop, stop = started.result()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
