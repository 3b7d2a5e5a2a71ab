"""The fork server: one warm, single-threaded process per worker that forks a walled-in child for every sample.

It never runs a line of a candidate itself. Spoken to by JSON frames over the socket on descriptor 0; started by
`sandbox.worker` as `python -c`, because nothing of the host can be imported once the root is changed.
"""

import fcntl
import importlib
import os
import secrets
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from sandbox.cgroups import Group, make_group
from sandbox.filesystem import PACKAGES_FOLDER, WORK_FOLDER
from sandbox.frames import read_frame, write_frame
from sandbox.kernel import CLONE_NEWPID, setns, unshare
from sandbox.namespaces import settle
from sandbox.outcome import Ending
from sandbox.process import Walls, enter_walls, prepare_walls
from sandbox.program import Limits
from sandbox.python_runner import PYTHON_MAIN, run_python
from sandbox.supervise import JudgeGoneError, Watched, watch

PRELOADED = (
    "abc", "bisect", "cmath", "collections", "contextlib", "copy", "dataclasses", "datetime", "decimal", "enum",
    "fractions", "functools", "hashlib", "heapq", "inspect", "itertools", "json", "linecache", "math", "operator",
    "random", "re", "statistics", "string", "traceback", "typing", "warnings",
)  # fmt: skip
"""Imported before the first fork: a sample that imports typing itself pays 10 ms for it."""

_CONTROL = 0
_STARTED = b"+"
_PROOF_BYTES = 16
_NOT_STARTED_CODE = 125


@dataclass(frozen=True, slots=True)
class Server:
    """What every sample of this server shares."""

    control: int
    walls: Walls
    own_pid_namespace: int
    empty_input: int


def main() -> None:
    """Serves until the control socket closes."""
    setup = read_frame(_CONTROL)
    if setup is None:
        return
    try:
        server = _open_server(setup)
    except OSError as error:
        write_frame(_CONTROL, {"failed": error.strerror or str(error)})
        return
    group = server.walls.group
    write_frame(server.control, {"memory_held": group.limits_memory, "processes_held": group.limits_processes})
    while (request := read_frame(server.control)) is not None:
        try:
            write_frame(server.control, run_sample(server, request))
        except (JudgeGoneError, BrokenPipeError):
            return


def _open_server(setup: dict[str, Any]) -> Server:
    """Does everything that needs the host, then moves into the namespaces. Returns in pid 1 inside."""
    sys.path[:] = [*(path for path in sys.path if path != setup["code"]), PACKAGES_FOLDER]
    for name in PRELOADED:
        importlib.import_module(name)
    group = make_group()
    settle(setup["interpreter"], setup["packages"], let_go=_leave_control, clean_up=group.remove)
    control = os.dup(_CONTROL)
    _leave_control()
    return Server(
        control=control,
        walls=prepare_walls(group),
        own_pid_namespace=os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC),
        empty_input=os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC),
    )


def _leave_control() -> None:
    """Only the server itself may hold the socket: the judge takes its closing for the server's end."""
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, _CONTROL)
    os.close(nothing)


def run_sample(server: Server, request: dict[str, Any]) -> dict[str, Any]:
    """Forks, watches and reports one sample."""
    limits = Limits(**request["limits"])
    group = server.walls.group
    group.limit(limits.memory_mb, limits.processes)
    kills_before, cpu_before = group.memory_kills(), group.cpu_seconds()
    proof = secrets.token_bytes(_PROOF_BYTES)
    pipes = _Pipes()
    try:
        unshare(CLONE_NEWPID)
        pid = os.fork()
    except OSError as error:
        pipes.close()
        return {"ending": Ending.SANDBOX_FAILED, "detail": f"fork: {error.strerror}"}
    if pid == 0:
        _become_sample(server, request, limits, pipes, proof)
    setns(server.own_pid_namespace, CLONE_NEWPID)
    pipes.close_writers()
    try:
        watched = watch(pid, pipes.stdout[0], pipes.stderr[0], server.control, limits, _cpu_clock(group, cpu_before))
        said = os.read(pipes.proof[0], 4096)
    finally:
        pipes.close_readers()
    return _report(watched, said, proof, limits, group, memory_kills=group.memory_kills() - kills_before)


def _cpu_clock(group: Group, before: float | None) -> Callable[[], float | None]:
    def used() -> float | None:
        now = group.cpu_seconds()
        return None if now is None or before is None else now - before

    return used


def _become_sample(server: Server, request: dict[str, Any], limits: Limits, pipes: "_Pipes", proof: bytes) -> NoReturn:
    """The child's way from fork to the program's first line. Whatever fails before it is the sandbox's fault."""
    proof_descriptor = pipes.proof[1]
    try:
        enter_walls(server.walls, limits)
        files: dict[str, str] = request["files"]
        for name, text in files.items():
            if name != PYTHON_MAIN:
                Path(WORK_FOLDER, name).write_text(text)
        pipes.connect(_input(request["stdin"], server.empty_input))
        os.write(_PROOF, _STARTED)
        proof_descriptor = _PROOF
        run_python(files, _PROOF, proof)
    except BaseException as error:
        os.write(proof_descriptor, f"{type(error).__name__}: {error}".encode()[:1000])
    os._exit(_NOT_STARTED_CODE)


def _input(text: str, empty_input: int) -> int:
    if not text:
        return empty_input
    descriptor = os.memfd_create("stdin")
    Path(f"/proc/self/fd/{descriptor}").write_text(text)
    return descriptor


_PROOF = 3


class _Pipes:
    """The three ways out of a sample: stdout, stderr and the proof."""

    def __init__(self) -> None:
        self.stdout = os.pipe()
        self.stderr = os.pipe()
        self.proof = os.pipe()

    def connect(self, stdin: int) -> None:
        """In the sample: puts the ends where a program expects them and closes every other descriptor."""
        lifted = [fcntl.fcntl(end, fcntl.F_DUPFD, 64) for end in (stdin, self.stdout[1], self.stderr[1], self.proof[1])]
        for target, source in enumerate(lifted):
            os.dup2(source, target, inheritable=target != _PROOF)
        os.closerange(_PROOF + 1, 1 << 16)

    def close_writers(self) -> None:
        for pipe in (self.stdout, self.stderr, self.proof):
            os.close(pipe[1])

    def close_readers(self) -> None:
        for pipe in (self.stdout, self.stderr, self.proof):
            os.close(pipe[0])

    def close(self) -> None:
        self.close_writers()
        self.close_readers()


def _report(
    watched: Watched, said: bytes, proof: bytes, limits: Limits, group: Group, memory_kills: int
) -> dict[str, Any]:
    """The facts of one run, as the judge's side makes an Outcome of them."""
    peak_mb = group.peak_mb() or watched.resident_mb
    ending, detail = classify(watched, said, limits, peak_mb, memory_kills)
    signalled = os.WIFSIGNALED(watched.status)
    return {
        "ending": ending,
        "detail": detail,
        "finished": said == _STARTED + proof,
        "exit_code": None if signalled else os.WEXITSTATUS(watched.status),
        "signal": os.WTERMSIG(watched.status) if signalled else None,
        "cpu_seconds": watched.cpu_seconds,
        "wall_seconds": watched.wall_seconds,
        "memory_mb": peak_mb,
        "stdout": watched.stdout.decode(errors="replace"),
        "stderr": watched.stderr.decode(errors="replace"),
    }


def classify(watched: Watched, said: bytes, limits: Limits, peak_mb: float, memory_kills: int) -> tuple[Ending, str]:
    """How the run ended, and a sentence where that is the environment's fault."""
    if not said.startswith(_STARTED):
        return Ending.SANDBOX_FAILED, said.decode(errors="replace") or "the sample died before its program began"
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


_NEARLY = 0.9
"""Share of its limit that a sample must have held for a memory kill to be its own fault."""
