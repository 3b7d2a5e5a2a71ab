"""Where the tests of `SplitSources` run: one walled process per worker that keeps compiled testers and starts them.

What it runs is trusted, so that it serves many samples; but it executes answers' consequences, and may get stuck in
them. Then it is ended with everything in it, and the next sample gets a new one. A compiled tester lies in its private
folder alone: no candidate's process, nor any compiler, has ever seen that folder.
"""

import os
import select
import signal
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from sandbox.compiled.tester_orders import obey
from sandbox.languages import Language
from sandbox.program import Limits
from sandbox.walls.isolation import StageIsolation
from sandbox.wire.frames import read_frame, send_with_descriptors
from sandbox.wire.texts import NOT_STARTED_CODE

_LIMITS = Limits(cpu_seconds=10**8, memory_mb=2048, processes=512, disk_mb=256)
"""Of all testers together; each sample's CPU time is measured beside its candidate's."""


class TesterLostError(Exception):
    """The process ended in the middle of an order, or could not obey it; says why."""


@dataclass(frozen=True, slots=True)
class TesterPipes:
    """What a tester is joined to its sample by."""

    answers: int
    """To read from."""
    calls: int
    """To write to."""
    verdict: int
    words: int
    """Takes what it prints on stderr."""


@dataclass(slots=True)
class TesterHome:
    """The server's side: keeps one running."""

    isolation: StageIsolation
    protected_pids: set[int]
    kept: set[str] = field(default_factory=lambda: set[str]())
    """Digests of the testers that it holds."""
    _pid: int = 0
    _channel: socket.socket | None = None

    def keep(self, digest: str, form: int, *, texts: bool) -> None:
        """Hands it a tester: files of bytes (see `tester_orders`), or `texts` as `encode_program` has them.

        Raises TesterLostError.
        """
        self._send({"keep": digest, "texts": texts}, form)
        self.kept = set(self.receive()["kept"])

    def start(self, language: Language, digest: str, pipes: TesterPipes) -> None:
        """Starts a tester that it keeps; `receive` tells its end. Raises TesterLostError."""
        split = language.split
        assert split
        order = {
            "run": digest,
            "command": split.tester_run,
            "environment": dict(language.environment),
            "stays": split.tester_stays,
        }
        self._send(order, pipes.answers, pipes.calls, pipes.verdict, pipes.words)

    def fileno(self) -> int:
        """Readable once the tester has ended, or the home itself."""
        assert self._channel
        return self._channel.fileno()

    def is_over_within(self, seconds: float) -> bool:
        """Waits for that."""
        return readable_within(self, seconds)

    def receive(self) -> dict[str, Any]:
        """What it says about the last order. Raises TesterLostError."""
        try:
            report = read_frame(self.fileno())
        except OSError:
            report = None
        if report is None or "failed" in report:
            self.end()
            raise TesterLostError(report["failed"] if report else "the process of the tests ended")
        return report

    def kill(self) -> None:
        """Ends it with everything in it; `receive` then raises TesterLostError."""
        with suppress(ProcessLookupError):  # in the tier without walls a sweep may have found it dead
            os.kill(self._pid, signal.SIGKILL)

    def end(self) -> None:
        """Ends it and takes it away; the next order starts a new one."""
        if self._channel:
            self._channel.close()
            self._channel = None
            self.kill()
            with suppress(ChildProcessError):  # likewise
                os.waitpid(self._pid, 0)
            self.protected_pids.discard(self._pid)
            self.isolation.clean_up()
        self.kept = set()

    def _send(self, order: dict[str, Any], *descriptors: int) -> None:
        if self._channel is None:
            self._start()
        assert self._channel
        try:
            send_with_descriptors(self._channel, order, list(descriptors))
        except OSError:
            self.end()
            raise TesterLostError("the process of the tests ended") from None

    def _start(self) -> None:
        self._channel, other = socket.socketpair()
        self.isolation.group.limit(_LIMITS.memory_mb, _LIMITS.processes)
        self.isolation.before_fork(_LIMITS.disk_mb)
        self._pid = os.fork()
        if self._pid == 0:
            try:
                self._channel.close()
                self.isolation.enter(_LIMITS, address_space=False)
                obey(other)
            finally:
                os._exit(NOT_STARTED_CODE)
        self.isolation.after_fork()
        self.protected_pids.add(self._pid)
        other.close()


class HasFileno(Protocol):
    """What a poll can wait for."""

    def fileno(self) -> int: ...


def readable_within(what: HasFileno, seconds: float) -> bool:
    """Waits until `what` can be read from, but not for longer."""
    poll = select.poll()
    poll.register(what, select.POLLIN)
    return bool(poll.poll(seconds * 1000))
