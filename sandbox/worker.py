"""The judge's end of one fork server: starts it, hands it programs, turns its reports into Outcomes."""

import os
import socket
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from sandbox.errors import SandboxError
from sandbox.frames import encode_frame, read_frame, send_with_descriptor
from sandbox.outcome import Ending, Outcome, Tier
from sandbox.packages import offered_packages
from sandbox.program import Program

_CODE = str(Path(__file__).resolve().parents[1])
_START = f"import sys; sys.path.insert(0, {_CODE!r}); from sandbox.fork_server import main; main()"
_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONUTF8": "1",
    "PYTHONHASHSEED": "0",  # the same program ends alike every time
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


class WorkerDiedError(Exception):
    """The fork server ended without answering."""


class Worker:
    """One fork server. Up to two programs may be with it: one that runs and one that waits in the socket."""

    def __init__(self, tier: Tier) -> None:
        self._tier = tier
        self._socket, server_end = socket.socketpair()
        self._process = subprocess.Popen(
            [os.path.realpath(sys.executable), "-s", "-S", "-P", "-c", _START],
            stdin=server_end.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=_ENVIRONMENT,
            start_new_session=True,  # Ctrl-C is for the judge alone
        )
        server_end.close()
        self._send({"tier": tier, "code": _CODE, "interpreter": sys.base_prefix, "packages": offered_packages()})
        answer = self._receive()
        if "failed" in answer:
            self.close()
            raise SandboxError(
                f"The kernel refused a wall of the sandbox ({answer['failed']}); "
                "`wavebench doctor` says which and what to do, and `--sandbox none` runs trusted code without walls."
            )
        self.walls = {name: bool(held) for name, held in answer.items()}

    def fileno(self) -> int:
        """The socket, for a selector: readable when an outcome is there."""
        return self._socket.fileno()

    def send(self, program: Program) -> None:
        """Hands over a program; never blocks, however large it is. Raises WorkerDiedError."""
        with _delivery({"files": dict(program.files), "stdin": program.stdin}) as delivery:
            try:
                send_with_descriptor(self._socket, {"limits": asdict(program.limits)}, delivery.fileno())
            except ConnectionError as error:
                raise WorkerDiedError from error

    def receive(self) -> Outcome:
        """The outcome of the oldest program handed over. Raises WorkerDiedError."""
        return outcome_of(self._receive(), self._tier)

    def close(self) -> None:
        """Ends the server and everything it started."""
        self._socket.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _send(self, message: dict[str, Any]) -> None:
        self._socket.sendall(encode_frame(message))

    def _receive(self) -> dict[str, Any]:
        report = read_frame(self._socket.fileno())
        if report is None:
            raise WorkerDiedError
        return report


def _delivery(message: dict[str, Any]) -> BinaryIO:
    """An open file in memory that holds one frame, to be read from its start."""
    file = os.fdopen(os.memfd_create("program"), "w+b")
    file.write(encode_frame(message))
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
