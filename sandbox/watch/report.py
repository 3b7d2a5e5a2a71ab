"""Turns what the supervisor saw into the facts that an Outcome holds.

SANDBOX_FAILED takes a program out of the count, so nothing that a program does may lead to it: it needs the word of a
process that no program can speak for, or a death that nobody inside could cause.
"""

import os
import signal
from dataclasses import dataclass
from typing import Any

from sandbox.outcome import Ending
from sandbox.program import Limits
from sandbox.watch.supervisor import Watched
from sandbox.wire.texts import STARTED

_NEARLY = 0.9
"""Share of its limit that a sample must have held for a memory kill to be its own fault."""


@dataclass(frozen=True, slots=True)
class StageReport:
    """What the trusted process of a stage reported about the command that it started."""

    started: bool = False
    """All walls are up; the command may have begun."""
    status: int | None = None
    """Wait status of the command; None where the stage ended without it."""
    failed: str = ""
    """Why the sandbox could not do its part."""
    refused: str = ""
    """Why the program cannot be compiled or started."""
    exhausted: bool = False
    """The stage itself ran out of memory before the command began."""


def report(
    watched: Watched,
    proof: bytes,
    limits: Limits,
    peak_mb: float,
    memory_kills: int | None,
    stage: StageReport | None = None,
) -> dict[str, Any]:
    """The facts of one run, ready for `write_report`.

    Where no control group measures, `peak_mb` is 0 and `memory_kills` None.

    `stage` is None for a whole program: its sample is its own program, and began if it wrote so to its proof pipe.
    """
    peak_mb = peak_mb or watched.resident_mb
    ending, detail = classify(watched, limits, peak_mb, memory_kills, stage)
    status = _status(watched, stage)
    signalled = os.WIFSIGNALED(status)
    before_proof = b"" if stage else STARTED
    return {
        "ending": ending,
        "detail": detail,
        "finished": watched.proof_output.is_exactly(before_proof + proof),
        "exit_code": None if signalled else os.WEXITSTATUS(status),
        "signal": os.WTERMSIG(status) if signalled else None,
        "cpu_seconds": watched.cpu_seconds,
        "wall_seconds": watched.wall_seconds,
        "memory_mb": peak_mb,
        "stdout": watched.stdout,
        "stderr": watched.stderr,
    }


def classify(
    watched: Watched, limits: Limits, peak_mb: float, memory_kills: int | None, stage: StageReport | None = None
) -> tuple[Ending, str]:
    """How the run ended, and a sentence where the ending alone does not explain it."""
    if stage and stage.refused:
        return Ending.NOT_COMPILED, stage.refused
    if stage and stage.failed:
        return Ending.SANDBOX_FAILED, stage.failed
    if stage and stage.exhausted:
        return Ending.OUT_OF_MEMORY, ""
    if not (stage.started if stage else watched.proof_output.starts_with(STARTED)):
        return _never_began(watched, limits, peak_mb, memory_kills, stage)
    if watched.limit_hit:
        return watched.limit_hit, ""
    if watched.cpu_seconds >= limits.cpu_seconds:  # the measured use decides, not whether somebody looked in time
        return Ending.CPU_LIMIT, ""
    status = _status(watched, stage)
    if not os.WIFSIGNALED(status):
        return Ending.EXITED, ""
    number = os.WTERMSIG(status)
    if number == signal.SIGKILL and memory_kills:  # the kernel's count: an exit code of 137 could be the program's own
        return memory_kill(limits, peak_mb)
    # Nothing inside can kill the first process of a namespace; what a stage started can be. Where nothing counts the
    # kills for memory, that may have been the machine all the same.
    from_inside = stage is not None and stage.status is not None and memory_kills is not None
    if number == signal.SIGKILL and not from_inside:
        return Ending.SANDBOX_FAILED, "the sample was killed from outside"
    return Ending.SIGNALLED, signal_name(number)


def memory_kill(limits: Limits, peak_mb: float) -> tuple[Ending, str]:
    """What it means that the kernel killed for memory a sample which held `peak_mb` at most."""
    if peak_mb >= _NEARLY * limits.memory_mb:
        return Ending.OUT_OF_MEMORY, ""
    return Ending.SANDBOX_FAILED, f"the machine ran out of memory while the sample held {peak_mb:.0f} MB"


def signal_name(number: int) -> str:
    """Such as SIGSEGV; real-time signals have only their number."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _status(watched: Watched, stage: StageReport | None) -> int:
    return watched.status if stage is None or stage.status is None else stage.status


def _never_began(
    watched: Watched, limits: Limits, peak_mb: float, memory_kills: int | None, stage: StageReport | None
) -> tuple[Ending, str]:
    """A program too large to be read within its limits is to blame for that; for all else the sandbox is."""
    words = "" if stage else watched.proof_output.text()
    if watched.limit_hit is Ending.CPU_LIMIT:
        return Ending.CPU_LIMIT, ""
    if words.startswith(MemoryError.__name__):
        return Ending.OUT_OF_MEMORY, ""
    if memory_kills:
        return memory_kill(limits, peak_mb)
    return Ending.SANDBOX_FAILED, words or "the sample died before its program began"
