"""Which program runs next, and as what: first apart from its tests, then whole.

A whole program knows its tests, and might leave them where a later process finds them. So every confirmation of a
problem is settled before the first whole program of that problem starts, as far as its samples are at hand: those
that come one after another from the source. Nothing that runs again is confirmed by that.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sandbox.outcome import Confirmation
from sandbox.program import Program


@dataclass(slots=True)
class Job:
    """One program on its way."""

    key: Any
    program: Program
    confirmation: Confirmation | None = None
    """What its tests said apart, once they have."""
    confirmation_detail: str = ""
    code: bytes = b""
    """Of the whole program, where its tester could compile that on the way."""
    failures: int = 0
    """How often a server died or failed with it, in its present phase."""


@dataclass(slots=True)
class _ProblemJobs:
    """The samples of one problem that follow each other in the source."""

    running: int = 0
    """How many are still to be settled."""
    settled: list[Job] = field(default_factory=lambda: list[Job]())
    more_may_come: bool = True


class Backlog:
    """Programs from a source that is drawn from only as there is room; it may end for the moment, and go on later."""

    def __init__(self, programs: Iterable[tuple[Any, Program]], room: int) -> None:
        """`room` is how many jobs may lie here ready for each kind of server."""
        self._source: Iterator[tuple[Any, Program]] = iter(programs)
        self._room = room
        self._apart: deque[Job] = deque()
        self._whole: deque[Job] = deque()
        self._problems: dict[str, _ProblemJobs] = {}
        self._last = ""
        """The tests of the program that was drawn last."""

    @property
    def holds_jobs(self) -> bool:
        """Whether jobs lie here, ready or not."""
        return bool(self._apart or self._whole or self._problems)

    @property
    def has_apart(self) -> bool:
        """Whether a program waits to have its tests run apart."""
        return bool(self._apart)

    def next_apart(self) -> Job | None:
        """The next whose tests have to run apart from it; None while there is none."""
        while not self._apart and self._last and len(self._whole) < self._room:  # else the source gives whole ones
            if not self._draw():
                break
        return self._apart.popleft() if self._apart else None

    def next_whole(self) -> Job | None:
        """The next that has to run whole; None while there is none."""
        while not self._whole and len(self._apart) < self._room:
            if not self._draw():
                break
        return self._whole.popleft() if self._whole else None

    def settle(self, job: Job, *, goes_on: bool = True) -> None:
        """Its confirmation stands. It runs whole once that of every other sample of its problem does, too."""
        assert job.program.split
        tests = job.program.split.tests
        problem = self._problems[tests]
        problem.running -= 1
        job.failures = 0
        if goes_on:
            problem.settled.append(job)
        self._release(tests)

    def again_apart(self, job: Job) -> None:
        """Its tests have to run apart once more: their server died."""
        self._apart.appendleft(job)

    def again_whole(self, job: Job) -> None:
        """It has to run whole once more: its server died."""
        self._whole.appendleft(job)

    def _draw(self) -> bool:
        """Takes one from the source; False when that has none at the moment."""
        drawn = next(self._source, None)
        tests = drawn[1].split.tests if drawn and drawn[1].split else ""
        if self._last and tests != self._last:
            self._close(self._last)
        self._last = tests
        if drawn is None:
            return False
        job = Job(*drawn)
        if tests:
            problem = self._problems.setdefault(tests, _ProblemJobs())
            problem.running += 1
            problem.more_may_come = True
            self._apart.append(job)
        else:
            self._whole.append(job)
        return True

    def _close(self, tests: str) -> None:
        """No more of its samples follow."""
        if problem := self._problems.get(tests):
            problem.more_may_come = False
            self._release(tests)

    def _release(self, tests: str) -> None:
        problem = self._problems[tests]
        if not problem.running and not problem.more_may_come:
            self._whole.extend(problem.settled)
            del self._problems[tests]
