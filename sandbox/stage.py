"""One walled process of a program that takes several: its compiler, then its run. Forked, watched, reported."""

import fcntl
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from sandbox.cgroups import Group, cpu_clock
from sandbox.facts import report
from sandbox.outcome import Ending
from sandbox.process import Isolation
from sandbox.program import Limits
from sandbox.supervise import STARTED, Child, Outlets, watch

PROOF_BYTES = 16
_STATUS_BYTES = 4
_NOT_STARTED_CODE = 125


@dataclass(frozen=True, slots=True)
class Ends:
    """The ends of a stage's pipes that its own process holds."""

    stdout: int
    stderr: int
    proof: int
    status: int
    """Takes the wait status of the command that the stage stands for."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a stage sets itself apart."""

    limits: Limits
    address_space: bool
    seal: str = ""
    """Build folder to be made read-only first."""
    other_group: Group | None = None
    """Group of a process that works for this stage, whose CPU time counts as its own."""


Body = Callable[[Ends, bytes], None]
"""What a stage's process does behind its walls; given the proof of its end. Must not return before it is done."""


def run_stage(control: socket.socket, isolation: Isolation, way: Way, body: Body) -> dict[str, Any]:
    """Forks a process that puts up its walls and executes `body`; watches it to its end and reports."""
    group, limits = isolation.group, way.limits
    group.limit(limits.memory_mb, limits.processes)
    groups = (group, way.other_group) if way.other_group else (group,)
    kills_before, clock = group.memory_kills(), cpu_clock(*groups)
    proof = os.urandom(PROOF_BYTES)
    pipes = [os.pipe() for _ in range(4)]
    try:
        isolation.before_fork()
        pid = os.fork()
    except OSError as error:
        _close(end for pipe in pipes for end in pipe)
        return {"ending": Ending.SANDBOX_FAILED, "detail": f"fork: {error.strerror}"}
    if pid == 0:
        _become_stage(isolation, way, body, Ends(*(pipe[1] for pipe in pipes)), proof)
    isolation.after_fork()
    _close(pipe[1] for pipe in pipes)
    stdout, stderr, said, status = (pipe[0] for pipe in pipes)
    try:
        watched = watch(Child(pid), Outlets(stdout, stderr, said), control.fileno(), limits, clock)
        isolation.clean_up()
        told = _read_what_is_there(status)
    finally:
        _close(pipe[0] for pipe in pipes)
    if len(told) == _STATUS_BYTES:
        watched = replace(watched, status=int.from_bytes(told, "little"))
    elif told:  # a command that is not there, says the process that should have become it
        return {"ending": Ending.SANDBOX_FAILED, "detail": told[:1000].decode(errors="replace")}
    return report(watched, proof, limits, group.peak_mb(), group.memory_kills() - kills_before)


def _become_stage(isolation: Isolation, way: Way, body: Body, ends: Ends, proof: bytes) -> NoReturn:
    try:
        isolation.enter(way.limits, address_space=way.address_space, seal=way.seal)
        body(ends, proof)
    except BaseException as error:
        os.write(ends.proof, f"{type(error).__name__}: {error}".encode()[:1000])
    os._exit(_NOT_STARTED_CODE)


def start_command(words: list[str], environment: dict[str, str], descriptors: list[int], failed: int) -> int:
    """Starts a command with `descriptors` as its 0, 1, 2 and so on, and nothing else; its pid.

    Where it cannot be executed, a sentence is written to `failed`.
    """
    child = os.fork()
    if child:
        return child
    try:
        lifted = [fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 64) for descriptor in [*descriptors, failed]]
        for target, source in enumerate(lifted):
            os.dup2(source, target, inheritable=source != lifted[-1])
        failed = len(descriptors)
        os.closerange(failed + 1, 1 << 16)
        os.execve(words[0], words, environment)
    except BaseException as error:
        os.write(failed, f"{words[0]}: {error}".encode()[:1000])
    os._exit(_NOT_STARTED_CODE)


def started(ends: Ends) -> None:
    """Tells the server that all walls are up."""
    os.write(ends.proof, STARTED)


def _read_what_is_there(descriptor: int) -> bytes:
    os.set_blocking(descriptor, False)
    with suppress(BlockingIOError):
        return os.read(descriptor, 4096)
    return b""


def _close(descriptors: Any) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
