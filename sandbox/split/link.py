"""The tests' end of the channel to one candidate, and the clock that runs while the tests wait for it.

Only what the candidate itself uses counts: its CPU seconds by its control group, and of wall time what passes while
the tests wait for it. Not what the tests use, and not what either of them waits for a processor.
"""

import os
import select
import struct
import time
from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn, Protocol

from sandbox.outcome import Ending
from sandbox.program import Limits
from sandbox.split.codec import MAX_BYTES
from sandbox.walls.process_table import cpu_seconds_below, queue_seconds
from sandbox.wire.texts import STARTED

_LOOK_SECONDS = 0.05
"""How often the limits are looked at while the tests wait."""
_LEAST_CALL_WAIT_SECONDS = 3.0
"""By the clock, however little CPU time a call may use: a busy machine fails nobody."""
_READ_BYTES = 1 << 16
_NAP_SECONDS = 0.0002
"""How long the tests leave answers alone that come in turn: to be woken for each costs more than most calls do."""
_LENGTH = struct.Struct("<I")


class CandidateGoneError(BaseException):
    """The candidate's process ended or sent what is no answer; the tests cannot hold."""


class LimitReachedError(BaseException):
    """The candidate used up a limit while its tests waited for it."""

    def __init__(self, ending: Ending, why: str) -> None:
        super().__init__(why)
        self.ending = ending


class NotStartedError(BaseException):
    """The candidate never began: a wall could not be put up around it."""


def cpu_limit_words(used_seconds: float) -> str:
    """Says that a candidate used too much."""
    return f"the candidate used {used_seconds:.1f} CPU seconds apart from its tests"


class CandidateProcess(Protocol):
    """A candidate at work, as its supervisor can reach it."""

    def pid(self) -> int: ...


class CandidateLink:
    """Frames to and from one candidate. Every wait raises LimitReachedError once a limit is used up."""

    def __init__(
        self,
        calls: int,
        answers: int,
        candidate: CandidateProcess,
        limits: Limits,
        cpu_clock: Callable[[], float | None],
        check_control: Callable[[], None],
    ) -> None:
        """`calls` is written to and `answers` read from; neither blocks.

        `check_control` is called now and then while the candidate is silent, and raises to end it all.
        """
        self._calls = calls
        self._answers = answers
        self._answered = select.poll()
        self._answered.register(answers, select.POLLIN)
        self._candidate = candidate
        self._limits = limits
        self._cpu_clock = cpu_clock
        self._check_control = check_control
        self._arrived = b""
        self._taken = 0
        """How many of those bytes were taken as frames."""
        self._answers_ahead = False
        self._waited_seconds = 0.0
        self._looked = time.monotonic()
        self.call_cpu_seconds = 0.0
        """How much one call may use; three times as much by the clock, and 3 s at least. 0 for no limit but the
        program's."""
        self._call_waited_from = 0.0
        """The seconds waited when the call began."""
        self._call_used_from: float | None = None
        """The CPU seconds used when the call was looked at first; None until then, as most calls end before."""

    def send(self, data: bytes) -> None:
        """Writes `data` whole. Raises CandidateGoneError."""
        sent = 0
        while sent < len(data):
            try:
                sent += os.write(self._calls, memoryview(data)[sent:] if sent else data)
            except BlockingIOError:
                room = select.poll()
                room.register(self._calls, select.POLLOUT)
                self._wait(room)
            except OSError:
                self._give_up()

    def begin_call(self, *, others_follow: bool = False) -> None:
        """From now on a call has its own limits. Answers to others that were asked for with it may follow its own."""
        self._answers_ahead = others_follow
        self._call_waited_from = self._waited_seconds
        self._call_used_from = None

    def tighten(self, cpu_seconds: float, wall_seconds: float) -> None:
        """From now on the candidate may use no more than so much, within its limits."""
        self._limits = replace(
            self._limits,
            cpu_seconds=min(self._limits.cpu_seconds, self.used_seconds() + cpu_seconds),
            wall_seconds=min(self._limits.wall_seconds, self._waited_seconds + wall_seconds),
        )

    def used_seconds(self) -> float:
        """CPU seconds that the candidate has used."""
        used = self._cpu_clock()
        return cpu_seconds_below(self._candidate.pid()) if used is None else used

    def await_start(self) -> None:
        """Returns once the candidate's walls are up. Raises NotStartedError."""
        self._await_bytes(len(STARTED))
        if not self._arrived.startswith(STARTED):
            try:
                self._await_bytes(1 << 12)
            except CandidateGoneError:
                raise NotStartedError(self._arrived.decode(errors="replace")) from None
        self._arrived = self._arrived[len(STARTED) :]

    def receive_frame(self) -> bytes:
        """The next frame. Raises CandidateGoneError, also where one is announced that is larger than any answer."""
        if len(self._arrived) < self._taken + _LENGTH.size:
            self._await_bytes(_LENGTH.size)
        size = _LENGTH.unpack_from(self._arrived, self._taken)[0]
        if size > MAX_BYTES:
            self._give_up()
        if len(self._arrived) < self._taken + _LENGTH.size + size:
            self._await_bytes(_LENGTH.size + size)
        begin = self._taken + _LENGTH.size
        self._taken = begin + size
        return self._arrived[begin : self._taken]

    def _await_bytes(self, size: int) -> None:
        """Returns once so many bytes have arrived that were not taken. Raises CandidateGoneError."""
        self._arrived, self._taken = self._arrived[self._taken :], 0
        parts, missing = [self._arrived], size - len(self._arrived)
        while missing > 0:
            self._wait(self._answered)
            try:
                part = os.read(self._answers, _READ_BYTES)
            except BlockingIOError:  # without walls a candidate can take back what it wrote
                continue
            if not part:
                self._give_up()
            parts.append(part)
            missing -= len(part)
        self._arrived = b"".join(parts) if len(parts) > 2 or parts[0] else parts[1]

    def _wait(self, poll: select.poll) -> None:
        while True:
            began = time.monotonic()
            if self._answers_ahead:
                time.sleep(_NAP_SECONDS)
            ready = poll.poll(_LOOK_SECONDS * 1000)
            now = time.monotonic()
            # what goes beyond the time-out of a wait is our own waiting for a processor
            self._waited_seconds += min(now - began, _LOOK_SECONDS)
            if now - self._looked >= _LOOK_SECONDS:  # also at one that never stops sending a little
                self._check_control()
                self._check_limits()
                self._looked = now
            if ready:
                return

    def _give_up(self) -> NoReturn:
        raise CandidateGoneError("the candidate's process ended")

    def _check_limits(self) -> None:
        used = self.used_seconds()
        if used >= self._limits.cpu_seconds:
            raise LimitReachedError(Ending.CPU_LIMIT, cpu_limit_words(used))
        if self.call_cpu_seconds:
            self._look_at_call(used)
        waited = self._waited_seconds
        if waited >= self._limits.wall_seconds:
            waited -= queue_seconds(self._candidate.pid(), waited)
        if waited >= self._limits.wall_seconds:
            raise LimitReachedError(Ending.WALL_LIMIT, f"the candidate kept its tests waiting for {waited:.1f} s")

    def _look_at_call(self, used: float) -> None:
        if self._call_used_from is None:
            self._call_used_from = used
        in_call = used - self._call_used_from
        if in_call >= self.call_cpu_seconds:
            words = f"the candidate used {in_call:.1f} CPU seconds in one call"
            raise LimitReachedError(Ending.CPU_LIMIT, words)
        waited = self._waited_seconds - self._call_waited_from
        most_seconds = max(3 * self.call_cpu_seconds, _LEAST_CALL_WAIT_SECONDS)
        if waited >= most_seconds:
            waited -= queue_seconds(self._candidate.pid(), waited)
        if waited >= most_seconds:
            raise LimitReachedError(Ending.WALL_LIMIT, f"one call of the candidate took {waited:.1f} s by the clock")
