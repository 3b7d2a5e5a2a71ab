"""Runs inside the sandbox: a limit on one call among many of a program, by CPU time, and for those that only wait.

This text is sent with a program. CPU time alone lets a call wait for ever for input that never comes; time by the clock
would also end one that a busy machine has not let run.
"""

import resource
import signal
import time
from typing import Any

_TICK_SECONDS = 1.0
_LEAST_CPU_SECONDS = 0.02


class OutOfTimeError(BaseException):
    """The call used up its CPU time, or has waited for a whole tick."""

    waited = False


_state = {"cpu_seconds": 0.0, "waits": 0}


def _used_up(_number: int, _frame: Any) -> None:
    raise OutOfTimeError


def _look_whether_it_waits(_number: int, _frame: Any) -> None:
    used = time.process_time()
    # Who waits gives the processor away; who is kept waiting by others does not.
    waits = resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw
    is_waiting = used - _state["cpu_seconds"] < _LEAST_CPU_SECONDS and waits > _state["waits"]
    _state["cpu_seconds"] = used
    if is_waiting:
        error = OutOfTimeError()
        error.waited = True
        raise error


def allow(cpu_seconds: float) -> None:
    """Raises OutOfTimeError in whatever runs when the limit is reached; 0 takes it away."""
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    if cpu_seconds:
        signal.signal(signal.SIGVTALRM, _used_up)
        signal.signal(signal.SIGALRM, _look_whether_it_waits)
        _state["cpu_seconds"] = time.process_time()
        _state["waits"] = resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw
        signal.setitimer(signal.ITIMER_REAL, _TICK_SECONDS, _TICK_SECONDS)
        signal.setitimer(signal.ITIMER_VIRTUAL, cpu_seconds)
