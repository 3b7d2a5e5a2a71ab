"""One walled process of a program that takes several: its compiler, then its run. Forked, watched, reported."""

import fcntl
import os
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NoReturn

from sandbox.program import Limits
from sandbox.walls.cgroups import Group
from sandbox.walls.isolation import StageIsolation
from sandbox.walls.syscalls import DESCRIPTORS_END
from sandbox.watch.fork_and_watch import fork_and_watch
from sandbox.watch.report import StageReport
from sandbox.watch.supervisor import Child, ForkRefusedError, RunningSample
from sandbox.wire.texts import NOT_STARTED_CODE

_MOST_WORDS = 1000
"""Characters of one sentence on the status pipe."""

_STARTED, _STATUS, _FAILED, _REFUSED, _EXHAUSTED = b"started", b"status", b"failed", b"refused", b"exhausted"
"""What begins a line on the status pipe; `StageReport` says what each means."""


class RefusedError(Exception):
    """The program is to blame for not being compiled or started; the message says why."""


@dataclass(frozen=True, slots=True)
class StagePipes:
    """The pipes of a stage's pipes that its own process holds."""

    stdout: int
    stderr: int
    proof: int
    status: int
    """Takes what the stage's own process reports. No command ever holds it, so no program can write to or read it."""


@dataclass(frozen=True, slots=True)
class StageOptions:
    """How a stage isolates itself."""

    limits: Limits
    address_space: bool
    seal: str = ""
    """Build folder to be made read-only first."""
    other_group: Group | None = None
    """Group of a process that works for this stage, whose CPU time counts as its own."""


Accompany = Callable[[Child], RunningSample]
"""Called with a stage that was just forked; gives what is to be watched in its place."""

Body = Callable[[StagePipes, bytes], None]
"""What a stage's process does behind its walls; given the proof of its end. Must not return before it is done.

Whatever it raises, except RefusedError, is taken for a failure of the sandbox: it must not raise what a program brought
about.
"""


def run_stage(
    control: socket.socket,
    isolation: StageIsolation,
    options: StageOptions,
    body: Body,
    accompany: Accompany = lambda child: child,
) -> dict[str, Any]:
    """Forks a process that puts up its walls and executes `body`; watches it to its end and reports."""

    def fork(proof: bytes, writers: list[int]) -> RunningSample:
        try:
            isolation.before_fork(options.limits.disk_mb)
            pid = os.fork()
        except OSError as error:
            raise ForkRefusedError(error.strerror) from error
        if pid == 0:
            _become_stage(isolation, options, body, StagePipes(*writers), proof)
        isolation.after_fork()
        return accompany(Child(pid))

    def finish(status: int) -> StageReport:
        isolation.clean_up()
        return _read_report(status)

    groups = [isolation.group, *([options.other_group] if options.other_group else [])]
    return fork_and_watch(fork, [os.pipe() for _ in range(4)], control.fileno(), groups, options.limits, finish)


def _become_stage(
    isolation: StageIsolation, options: StageOptions, body: Body, pipes: StagePipes, proof: bytes
) -> NoReturn:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # as pid 1 deaf to the program, but for Python's handler
    try:
        isolation.enter(options.limits, address_space=options.address_space, seal=options.seal)
        body(pipes, proof)
    except RefusedError as error:
        _tell(pipes.status, _REFUSED, str(error))
    except MemoryError:
        _tell(pipes.status, _EXHAUSTED)
    except BaseException as error:
        _tell(pipes.status, _FAILED, f"{type(error).__name__}: {error}")
    os._exit(NOT_STARTED_CODE)


def start_command(
    words: list[str],
    environment: dict[str, str],
    descriptors: list[int],
    pipes: StagePipes,
    *,
    of_the_program: bool = False,
) -> int:
    """Starts a command with `descriptors` as its 0, 1, 2 and so on, and nothing else; its pid.

    A command that cannot be executed is a failure of the sandbox, unless it is `of_the_program`: what its source was
    compiled to.
    """
    child = os.fork()
    if child:
        return child
    status = pipes.status
    try:
        # Out of the way of the targets 0, 1, 2 and so on, which may be among the sources themselves.
        lifted = [fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 64) for descriptor in [*descriptors, status]]
        for target, source in enumerate(lifted):
            os.dup2(source, target, inheritable=source != lifted[-1])  # the status pipe closes as the command starts
        status = len(descriptors)
        os.closerange(status + 1, DESCRIPTORS_END)
        os.execve(words[0], words, environment)
    except BaseException as error:
        if of_the_program:
            _tell(status, _REFUSED, f"what it was compiled to cannot be started: {error}")
        else:
            _tell(status, _FAILED, f"{words[0]}: {error}")
    os._exit(NOT_STARTED_CODE)


def tell_started(pipes: StagePipes) -> None:
    """Tells the server that all walls are up."""
    _tell(pipes.status, _STARTED)


def tell_status(pipes: StagePipes, status: int) -> None:
    """Tells the server the wait status of the command that the stage stands for."""
    _tell(pipes.status, _STATUS, str(status))


def _tell(status: int, what: bytes, words: str = "") -> None:
    line = " ".join(words[:_MOST_WORDS].split())
    os.write(status, what + b" " + line.encode(errors="replace") + b"\n")


def _read_report(status: int) -> StageReport:
    """What the stage wrote until it ended; of several lines of one kind the first."""
    data = b""
    with suppress(BlockingIOError):
        data = os.read(status, 1 << 16)
    lines: dict[bytes, str] = {}
    for line in data.splitlines():
        what, _, words = line.partition(b" ")
        lines.setdefault(what, words.decode(errors="replace"))
    return StageReport(
        started=_STARTED in lines,
        status=int(lines[_STATUS]) if _STATUS in lines else None,
        failed=lines.get(_FAILED, ""),
        refused=lines.get(_REFUSED, ""),
        exhausted=_EXHAUSTED in lines,
    )
