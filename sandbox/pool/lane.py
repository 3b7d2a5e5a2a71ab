"""The host process's end of one server: a forker for whole programs, or a tester for split tests."""

import os
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sandbox.outcome import Assertion, Confirmation, Ending, Outcome, Tier
from sandbox.pool.backlog import Job
from sandbox.pool.connection import Connection
from sandbox.pool.host import Host
from sandbox.pool.tester_store import CompiledTesters, TesterExchange
from sandbox.program import Program, SplitSources, SplitTests, fields_of
from sandbox.python.precompile import lines_above_tests
from sandbox.wire.frames import Role, encode_frame
from sandbox.wire.texts import encode_program, framed
from sandbox.zygote.preload import named_in


class Lane:
    """One server and the jobs it has, oldest first: one runs, and one may wait in the socket."""

    def __init__(
        self, host: Host, role: Role, processor: int | None, open_testers: Callable[[], CompiledTesters]
    ) -> None:
        self.role = role
        self.jobs: deque[Job] = deque()
        self._host = host
        self._processor = processor
        self._connection: Connection | None = None
        self._testers = TesterExchange(open_testers)

    @property
    def is_open(self) -> bool:
        """Whether its server has been started."""
        return self._connection is not None

    @property
    def walls(self) -> Mapping[str, bool]:
        """Which limits the kernel's control groups enforce."""
        return self._opened.walls

    def open(self) -> None:
        """Starts the server and does not wait for it, so that many can start at once."""
        self._connection = Connection(self._host, self.role, self._processor)

    def reopen(self) -> None:
        """Starts a new server in place of this one and waits for it. What becomes of its jobs is the caller's."""
        self.close()
        self.open()
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Returns once the server accepts programs. Raises SandboxError."""
        self._opened.wait_until_ready()

    def fileno(self) -> int:
        """Descriptor for a selector: readable when a report is there."""
        return self._opened.fileno()

    def send(self, job: Job) -> None:
        """Sends a program to the server; never blocks, however large it is. Raises ConnectionLostError."""
        self.jobs.append(job)
        if self.role is Role.TESTER:
            request, *contents = _encode_split(job)
        elif job.runs_split:
            request, *contents = _encode_sources(job.program)
        else:
            request, *contents = _encode_whole(job.program, job.code)
        # Through files in memory: a large program would fill the socket, and block until the server reads it.
        payloads: list[int] = []
        try:
            for content in contents:
                payloads.append(os.memfd_create("program"))
                written = 0
                while written < len(content):  # by place, which leaves the server's reading at the beginning
                    written += os.pwrite(payloads[-1], memoryview(content)[written:], written)
            if self.role is Role.FORKER and job.runs_split:
                payloads.append(self._testers.offer(job.program))
            else:
                self._testers.offer_nothing()
            self._opened.send(request, *payloads)
        finally:
            for payload in payloads:
                os.close(payload)

    def receive(self) -> dict[str, Any]:
        """The report on the oldest job; waits for it. Raises ConnectionLostError."""
        report = self._opened.receive()
        self._testers.take()
        if self.role is Role.TESTER:
            report["code"] = self._opened.receive_bytes()
        return report

    def close(self) -> None:
        """Ends the server and everything it started."""
        self._testers.close()
        if self._connection:
            self._connection.close()
            self._connection = None

    @property
    def _opened(self) -> Connection:
        assert self._connection
        return self._connection


def _encode_whole(program: Program, code: bytes) -> tuple[dict[str, Any], bytes]:
    """The request, which the forker reads, and the program itself, which only the sample reads."""
    request = {
        "language": program.language,
        "names": named_in(program.files.values()),
        "limits": fields_of(program.limits),
        "compile_limits": fields_of(program.compile_limits),
    }
    return request, encode_program(program.files, program.stdin) + framed(code)


def _encode_sources(program: Program) -> tuple[dict[str, Any], bytes, bytes]:
    """The request, the candidate's files, and the tester's."""
    split = program.split
    assert isinstance(split, SplitSources)
    request = {
        "language": program.language,
        "names": (),
        "tester": split.tests,
        "unsound": split.unsound,
        "limits": fields_of(program.limits),
        "compile_limits": fields_of(program.compile_limits),
    }
    return request, encode_program(split.candidate), encode_program(split.tester)


def _encode_split(job: Job) -> tuple[dict[str, Any], bytes]:
    """The request and the program for a tester. It imports in advance only what the tests themselves name."""
    program = job.program
    assert isinstance(program.split, SplitTests)
    order = {
        "split": fields_of(program.split),
        "limits": fields_of(program.limits),
        "lines_above": lines_above_tests(program),
        "first_try": job.failures == 0,  # compiling the candidate, or counting, may have killed a tester before
    }
    return {"names": named_in((program.split.helpers, program.split.tests))}, encode_frame(order)


def outcome_of(report: dict[str, Any], tier: Tier) -> Outcome:
    """An Outcome from a server's report. Fields that a failed sandbox could not report are empty."""
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


def outcome_of_split(report: dict[str, Any], tier: Tier, *, is_alone: bool) -> Outcome:
    """The outcome of a program that ends with its split tests: at a limit, or because only they were asked for."""
    held = report["confirmation"] == Confirmation.HELD
    facts = {
        "ending": report["limit"] or Ending.EXITED,
        "finished": held,
        "exit_code": None if report["limit"] else int(not held),
        "cpu_seconds": report["cpu_seconds"],
        "detail": report["detail"] if report["limit"] else "",
    }
    return replace(outcome_of(facts, tier), split_alone=is_alone)


def assertions_of(report: dict[str, Any]) -> tuple[Assertion, ...]:
    """What split tests told of each of their assertions."""
    return tuple(
        Assertion(each["n"], each["ok"], each.get("call", ""), each.get("expected", ""), each.get("got", ""))
        for each in report.get("assertions", ())
    )


def failed(tier: Tier, detail: str) -> Outcome:
    """The outcome of a program that the sandbox could not run."""
    return outcome_of({"ending": Ending.SANDBOX_FAILED, "detail": detail}, tier)
