"""One sample from fork to report: the child puts up its walls and runs, the server watches it."""

import fcntl
import os
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from sandbox.candidate import answer_calls_apart
from sandbox.cgroups import Group
from sandbox.facts import report
from sandbox.frames import read_frame
from sandbox.outcome import Ending
from sandbox.process import Isolation
from sandbox.program import Limits
from sandbox.python_runner import PYTHON_MAIN, run_python
from sandbox.supervise import STARTED, TESTS_FOLLOW, Outlets, watch

_PROOF = 3
"""The descriptor on which the sample tells that it began and that it reached its end."""

_PROOF_BYTES = 16
_NOT_STARTED_CODE = 125


@dataclass(frozen=True, slots=True)
class Server:
    """What every sample of this server shares."""

    control: socket.socket
    isolation: Isolation
    empty_input: int


def run_sample(server: Server, limits: Limits, delivery: int) -> dict[str, Any]:
    """Forks, watches and reports one sample, which reads its program from the descriptor `delivery`."""
    group = server.isolation.group
    group.limit(limits.memory_mb, limits.processes)
    kills_before, cpu_before = group.memory_kills(), group.cpu_seconds()
    proof = secrets.token_bytes(_PROOF_BYTES)
    pipes = _Pipes()
    try:
        server.isolation.before_fork()
        pid = os.fork()
    except OSError as error:
        pipes.close()
        return {"ending": Ending.SANDBOX_FAILED, "detail": f"fork: {error.strerror}"}
    if pid == 0:
        _become_sample(server, limits, delivery, pipes, proof)
    server.isolation.after_fork()
    pipes.close_writers()
    outlets = Outlets(pipes.stdout[0], pipes.stderr[0], pipes.proof[0])
    try:
        watched = watch(pid, outlets, server.control.fileno(), limits, _cpu_clock(group, cpu_before))
        server.isolation.clean_up()
    finally:
        pipes.close_readers()
    return report(watched, proof, limits, group.peak_mb(), group.memory_kills() - kills_before)


def _cpu_clock(group: Group, before: float | None) -> Callable[[], float | None]:
    def used() -> float | None:
        now = group.cpu_seconds()
        return None if now is None or before is None else now - before

    return used


def _become_sample(server: Server, limits: Limits, delivery: int, pipes: "_Pipes", proof: bytes) -> NoReturn:
    """The child's way from fork to the program's first line. Whatever fails before it is the sandbox's fault."""
    proof_descriptor = pipes.proof[1]
    try:
        server.isolation.enter(limits)
        program = _receive(delivery)
        os.write(proof_descriptor, STARTED)
        if "candidate" in program:
            answer_calls_apart(delivery, program["candidate"])
            program = _receive(delivery)
            os.write(proof_descriptor, TESTS_FOLLOW)
        files: dict[str, str] = program["files"]
        for name, text in files.items():
            if name != PYTHON_MAIN:
                Path(name).write_text(text)
        pipes.connect(_input(program["stdin"], server.empty_input))
        proof_descriptor = _PROOF
        run_python(files, _PROOF, proof)
    except BaseException as error:
        os.write(proof_descriptor, f"{type(error).__name__}: {error}".encode()[:1000])
    os._exit(_NOT_STARTED_CODE)


def _receive(delivery: int) -> dict[str, Any]:
    program = read_frame(delivery)
    if program is None:
        raise OSError("the program did not arrive")
    return program


def _input(text: str, empty_input: int) -> int:
    if not text:
        return empty_input
    descriptor = os.memfd_create("stdin")
    Path(f"/proc/self/fd/{descriptor}").write_text(text)
    return descriptor


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
