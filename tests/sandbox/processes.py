"""Other processes, looked at and killed from a test while they come and go."""

import os
import signal
import time
from collections.abc import Callable, Collection

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


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()
