"""The judge's end of one worker: hands programs to its fork server, and their tests to its tester."""

import os
import socket
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, BinaryIO

from sandbox.connection import Connection, ConnectionLostError
from sandbox.frames import Role, encode_frame, encode_program
from sandbox.host import Host
from sandbox.outcome import Confirmation, Ending, Outcome, Tier
from sandbox.preload import named_in
from sandbox.program import Program, fields_of

_TESTER_PATIENCE_SECONDS = 10.0
"""How long a tester may take to report once its candidate has ended."""


class WorkerDiedError(Exception):
    """A server of this worker ended without answering."""


class Worker:
    """A fork server and, once a program keeps its tests apart, a tester. Programs are answered in the order given.

    Both start without being waited for, so that many workers can start at once.
    """

    def __init__(self, host: Host, processor: int | None = None) -> None:
        self._host = host
        self._processor = processor
        self._forker = Connection(host, Role.FORKER, processor)
        self._tester: Connection | None = None
        self._with_tests_apart: deque[bool] = deque()

    def wait_until_ready(self) -> None:
        """Returns once programs can be handed over. Raises SandboxError."""
        self._forker.wait_until_ready()

    @property
    def expects_tests(self) -> bool:
        """Whether its tester has been started."""
        return self._tester is not None

    def expect_tests(self) -> None:
        """Has the tester start, if it has not yet."""
        self._tester = self._tester or Connection(self._host, Role.TESTER, self._processor)

    @property
    def walls(self) -> Mapping[str, bool]:
        """Which limits the kernel's control groups hold."""
        return self._forker.walls

    def fileno(self) -> int:
        """For a selector: readable when an outcome is there."""
        return self._forker.fileno()

    def send(self, program: Program) -> None:
        """Hands over a program; never blocks, however large it is. Raises WorkerDiedError."""
        try:
            if program.apart:
                self._send_apart(program)
            else:
                with _delivery(_whole(program)) as delivery:
                    self._forker.send(_request(program), delivery.fileno())
        except ConnectionLostError as error:
            raise WorkerDiedError from error
        self._with_tests_apart.append(program.apart is not None)

    def receive(self) -> Outcome:
        """The outcome of the oldest program handed over. Raises WorkerDiedError."""
        try:
            outcome = outcome_of(self._forker.receive(), self._host.tier)
            if not self._with_tests_apart.popleft() or not self._tester:
                return outcome
            report = self._tester.receive(_TESTER_PATIENCE_SECONDS)
        except ConnectionLostError as error:
            raise WorkerDiedError from error
        return replace(
            outcome,
            confirmation=Confirmation(report["confirmation"]),
            confirmation_detail=report["confirmation_detail"],
        )

    def close(self) -> None:
        """Ends the servers and everything they started."""
        self._forker.close()
        if self._tester:
            self._tester.close()

    def _send_apart(self, program: Program) -> None:
        """The candidate alone goes to the fork server; the tests, and the whole program for later, to the tester."""
        assert program.apart
        self.expect_tests()
        assert self._tester
        self._tester.wait_until_ready()
        order = {"apart": fields_of(program.apart), "cpu_seconds": program.limits.cpu_seconds}
        for_candidate, for_tests = socket.socketpair()
        with for_candidate, for_tests, _delivery(encode_frame(order), _whole(program)) as delivery:
            self._forker.send(_request(program), for_candidate.fileno())
            self._tester.send({}, delivery.fileno(), for_tests.fileno())


def _request(program: Program) -> dict[str, Any]:
    """What the fork server itself must know of a program; the rest is for the sample alone."""
    return {
        "language": program.language,
        "apart": program.apart is not None,
        "names": named_in(program.files.values()),
        "limits": fields_of(program.limits),
        "compile_limits": fields_of(program.compile_limits),
    }


def _whole(program: Program) -> bytes:
    return encode_program(program.files, program.stdin)


def _delivery(*messages: bytes) -> BinaryIO:
    """An open file in memory that holds these messages, to be read from its start."""
    file = os.fdopen(os.memfd_create("program"), "w+b")
    file.write(b"".join(messages))
    file.seek(0)
    return file


def outcome_of(report: dict[str, Any], tier: Tier) -> Outcome:
    """An Outcome from a server's report; what a failed sandbox could not tell is empty."""
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
