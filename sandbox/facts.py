"""Turns what the supervisor saw into the facts that an Outcome holds."""

import os
import signal
from typing import Any

from sandbox.outcome import Ending
from sandbox.program import Limits
from sandbox.supervise import STARTED, Watched

_NEARLY = 0.9
"""Share of its limit that a sample must have held for a memory kill to be its own fault."""


def report(watched: Watched, proof: bytes, limits: Limits, peak_mb: float, memory_kills: int) -> dict[str, Any]:
    """The facts of one run, ready for `write_report`; `peak_mb` is 0 where no control group measured it."""
    peak_mb = peak_mb or watched.resident_mb
    ending, detail = classify(watched, limits, peak_mb, memory_kills)
    signalled = os.WIFSIGNALED(watched.status)
    return {
        "ending": ending,
        "detail": detail,
        "finished": watched.said.is_exactly(STARTED + proof),
        "exit_code": None if signalled else os.WEXITSTATUS(watched.status),
        "signal": os.WTERMSIG(watched.status) if signalled else None,
        "cpu_seconds": watched.cpu_seconds,
        "wall_seconds": watched.wall_seconds,
        "memory_mb": peak_mb,
        "stdout": watched.stdout,
        "stderr": watched.stderr,
    }


def classify(watched: Watched, limits: Limits, peak_mb: float, memory_kills: int) -> tuple[Ending, str]:
    """How the run ended, and a sentence where that is the environment's fault."""
    if not watched.said.starts_with(STARTED):
        return Ending.SANDBOX_FAILED, watched.said.text() or "the sample died before its program began"
    if watched.limit_hit:
        return watched.limit_hit, ""
    if not os.WIFSIGNALED(watched.status):
        return Ending.EXITED, ""
    number = os.WTERMSIG(watched.status)
    if number not in (signal.SIGKILL, signal.SIGXCPU):
        return Ending.SIGNALLED, signal.Signals(number).name
    if watched.cpu_seconds >= limits.cpu_seconds:
        return Ending.CPU_LIMIT, ""
    if memory_kills and peak_mb >= _NEARLY * limits.memory_mb:
        return Ending.OUT_OF_MEMORY, ""
    if memory_kills:
        return Ending.SANDBOX_FAILED, f"the machine ran out of memory while the sample held {peak_mb:.0f} MB"
    return Ending.SANDBOX_FAILED, "the sample was killed from outside"
