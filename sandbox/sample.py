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

_PROOF_BYTES = 16
_NOT_STARTED_CODE = 125
_LIFTED = 128
"""Above every descriptor that a server holds."""
_HIGHEST = 1 << 16


@dataclass(frozen=True, slots=True)
class Server:
    """What every sample of this server shares."""

    control: socket.socket
    isolation: Isolation


def run_sample(server: Server, limits: Limits, delivery: int) -> dict[str, Any]:
    """Forks, watches and reports one sample, which reads its program from `delivery`; closes that here."""
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
        os.close(delivery)
        return {"ending": Ending.SANDBOX_FAILED, "detail": f"fork: {error.strerror}"}
    if pid == 0:
        _become_sample(server, limits, delivery, pipes, proof)
    server.isolation.after_fork()
    pipes.close_writers()
    os.close(delivery)  # so that the tester sees the sample's end at once
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
        ends = pipes.keep_only_ours(delivery)
        proof_descriptor = ends.proof
        if "candidate" in program:
            answer_calls_apart(ends.delivery, program["candidate"])
            program = _receive(ends.delivery)
            os.write(ends.proof, TESTS_FOLLOW)
        files: dict[str, str] = program["files"]
        for name, text in files.items():
            if name != PYTHON_MAIN:
                Path(name).write_text(text)
        ends.become_standard(program["stdin"])
        run_python(files, ends.proof, proof)
    except BaseException as error:
        os.write(proof_descriptor, f"{type(error).__name__}: {error}".encode()[:1000])
    os._exit(_NOT_STARTED_CODE)


def _receive(delivery: int) -> dict[str, Any]:
    program = read_frame(delivery)
    if program is None:
        raise OSError("the program did not arrive")
    return program


def _write_to_memory(text: str) -> int:
    descriptor = os.memfd_create("stdin")
    Path(f"/proc/self/fd/{descriptor}").write_text(text)
    return descriptor


@dataclass(frozen=True, slots=True)
class _Ends:
    """The only descriptors of a sample beside its silent standard ones."""

    proof: int = 3
    """Tells that the program began and that it reached its end."""
    delivery: int = 4
    stdout: int = 5
    stderr: int = 6

    def become_standard(self, stdin: str) -> None:
        """Gives the program its input and output; only the proof stays beside them."""
        if stdin:
            os.dup2(_write_to_memory(stdin), 0)
        os.dup2(self.stdout, 1)
        os.dup2(self.stderr, 2)
        os.closerange(self.delivery, _HIGHEST)


class _Pipes:
    """The three ways out of a sample: stdout, stderr and the proof."""

    def __init__(self) -> None:
        self.stdout = os.pipe()
        self.stderr = os.pipe()
        self.proof = os.pipe()

    def keep_only_ours(self, delivery: int) -> _Ends:
        """In the sample: closes whatever the server had open, its control socket first of all."""
        ends = _Ends()
        wanted = {
            ends.proof: self.proof[1],
            ends.delivery: delivery,
            ends.stdout: self.stdout[1],
            ends.stderr: self.stderr[1],
        }
        lifted = {target: fcntl.fcntl(source, fcntl.F_DUPFD, _LIFTED) for target, source in wanted.items()}
        for target, source in lifted.items():
            os.dup2(source, target, inheritable=False)
        os.closerange(max(lifted) + 1, _HIGHEST)
        return ends

    def close_writers(self) -> None:
        for pipe in (self.stdout, self.stderr, self.proof):
            os.close(pipe[1])

    def close_readers(self) -> None:
        for pipe in (self.stdout, self.stderr, self.proof):
            os.close(pipe[0])

    def close(self) -> None:
        self.close_writers()
        self.close_readers()
