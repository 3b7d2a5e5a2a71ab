"""Other processes, looked at and killed from a test while they come and go."""

import os
import signal
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress

from sandbox.walls.process_table import processes_below


def descendants(pid: int) -> set[int]:
    """The living processes below `pid`."""
    return processes_below(pid) - {pid}


def kill_one(
    candidates: Callable[[], Collection[int]], choose: Callable[[Collection[int]], int], seconds: float = 30
) -> None:
    """Kills one of the candidates; where the chosen one ended just before, another of those that are there by then."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            os.kill(choose(candidates()), signal.SIGKILL)
            return
        except ProcessLookupError:
            continue
    raise TimeoutError(f"whoever was chosen in {seconds:g} s had already ended")


@contextmanager
def killing(victims: Callable[[], Collection[int]], every_seconds: float) -> Iterator[None]:
    """Kills the victims again and again while the block runs. Choose them among processes that the test began itself:

    other sandboxes of the same test process live on, and nobody waits for their killed servers.
    """
    is_over = threading.Event()

    def kill() -> None:
        while not is_over.wait(every_seconds):
            for pid in victims():
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield
    finally:
        is_over.set()
        killer.join()


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()
