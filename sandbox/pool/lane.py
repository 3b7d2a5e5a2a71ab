"""The judge's end of one worker: a forker for whole programs, and a tester for tests apart from their candidates."""

import os
from collections import deque
from collections.abc import Mapping
from typing import Any, BinaryIO

from sandbox.outcome import Ending, Outcome, Tier
from sandbox.pool.backlog import Job
from sandbox.pool.connection import Connection
from sandbox.pool.host import Host
from sandbox.program import Program, fields_of
from sandbox.python.precompile import lines_above_tests
from sandbox.wire.frames import Role, encode_frame
from sandbox.wire.texts import encode_program, framed
from sandbox.zygote.preload import named_in


class Lane:
    """One server and the jobs that are with it, oldest first: one runs, one may wait in the socket."""

    def __init__(self, host: Host, role: Role, processor: int | None) -> None:
        self.role = role
        self.jobs: deque[Job] = deque()
        self._host = host
        self._processor = processor
        self._connection: Connection | None = None

    @property
    def is_open(self) -> bool:
        """Whether its server has been started."""
        return self._connection is not None

    @property
    def walls(self) -> Mapping[str, bool]:
        """Which limits the kernel's control groups hold."""
        return self._opened.walls

    def open(self) -> None:
        """Starts the server and does not wait for it, so that many can start at once."""
        self._connection = Connection(self._host, self.role, self._processor)

    def wait_until_ready(self) -> None:
        """Returns once programs can be handed over. Raises SandboxError."""
        self._opened.wait_until_ready()

    def fileno(self) -> int:
        """For a selector: readable when a report is there."""
        return self._opened.fileno()

    def send(self, job: Job) -> None:
        """Hands over a program; never blocks, however large it is. Raises ConnectionLostError."""
        self.jobs.append(job)
        request, content = _split(job) if self.role is Role.TESTER else _whole(job.program, job.code)
        with _payload(content) as payload:
            self._opened.send(request, payload.fileno())

    def receive(self) -> dict[str, Any]:
        """The report on the oldest job. Raises ConnectionLostError."""
        report = self._opened.receive()
        if self.role is Role.TESTER:
            report["code"] = self._opened.receive_bytes()
        return report

    def close(self) -> None:
        """Ends the server and everything it started."""
        if self._connection:
            self._connection.close()
            self._connection = None

    @property
    def _opened(self) -> Connection:
        assert self._connection
        return self._connection


def _whole(program: Program, code: bytes) -> tuple[dict[str, Any], bytes]:
    """What a forker must know of a program; the rest is for the sample alone."""
    request = {
        "language": program.language,
        "names": named_in(program.files.values()),
        "limits": fields_of(program.limits),
        "compile_limits": fields_of(program.compile_limits),
    }
    return request, encode_program(program.files, program.stdin) + framed(code)


def _split(job: Job) -> tuple[dict[str, Any], bytes]:
    """What a tester must know. Only what the tests themselves name is imported for all their candidates.

    A tester that died may have died of compiling the candidate, so its successor leaves that alone.
    """
    program = job.program
    assert program.split
    order = {
        "split": fields_of(program.split),
        "limits": fields_of(program.limits),
        "lines_above": lines_above_tests(program),
        "precompile": job.failures == 0,
    }
    return {"names": named_in((program.split.helpers, program.split.tests))}, encode_frame(order)


def _payload(content: bytes) -> BinaryIO:
    """An open file in memory, to be read from its start."""
    file = os.fdopen(os.memfd_create("program"), "w+b")
    file.write(content)
    file.seek(0)
    return file


def outcome_of(report: dict[str, Any], tier: Tier) -> Outcome:
    """An Outcome from a server's report; what a failed sandbox could not report is empty."""
    return Outcome(
        ending=Ending(report["ending"]),
        finished=report.get("finished", False),
        exit_code=report.get("exit_code"),
        signal=report.get("signal"),
        cpu_seconds=report.get("cpu_seconds", 0.0),
        wall_seconds=report.get("wall_seconds", 0.0),
        memory_mb=report.get("memory_mb", 0.0),
        stdout=report.get("stdout", ""),
        stderr=report.get("stderr", ""),
        tier=tier,
        detail=report.get("detail", ""),
    )


def failed(tier: Tier, detail: str) -> Outcome:
    """The outcome of a program that the sandbox could not run."""
    return outcome_of({"ending": Ending.SANDBOX_FAILED, "detail": detail}, tier)
