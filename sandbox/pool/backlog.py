"""Which program runs next, and in which phase: first its tests in a process of their own, then the whole program.

Split tests that are `SplitSources` run on the servers of whole programs, which have the toolchains; others on testers.

A whole program knows its tests, and might leave them where a later process finds them. So all split tests of a problem
are settled before the first whole program of that problem starts, for those samples that are at hand: the samples of
one problem that follow each other in the queue. A job that runs again does not have its tests split again.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sandbox.outcome import Assertion, Confirmation
from sandbox.program import Program, SplitSources
from sandbox.sandbox import JobQueue, as_queue


@dataclass(slots=True)
class Job:
    """One program and what is known of it so far."""

    key: Any
    program: Program
    confirmation: Confirmation | None = None
    """Result of the split tests; None until they ran."""
    confirmation_detail: str = ""
    assertions: tuple[Assertion, ...] = ()
    """What the split tests found of each, as far as they tell."""
    code: bytes = b""
    """Compiled code of the whole program; empty unless the tester could compile it."""
    failures: int = 0
    """How often a server died or failed with the job in its present phase."""

    @property
    def runs_split(self) -> bool:
        """Whether a server of whole programs is to run its split tests next."""
        return self.confirmation is None and isinstance(self.program.split, SplitSources)


@dataclass(slots=True)
class _ProblemJobs:
    """The samples of one problem that follow each other in the queue."""

    running: int = 0
    """How many have split tests that are not settled."""
    settled: list[Job] = field(default_factory=lambda: list[Job]())
    more_may_come: bool = True


class Backlog:
    """The jobs that wait for a server. Takes programs from the queue only while it has room for them."""

    def __init__(self, programs: Iterable[tuple[Any, Program]] | JobQueue[tuple[Any, Program]], room: int) -> None:
        """`room` is how many jobs may wait for each kind of server."""
        self._programs = as_queue(programs)
        self._room = room
        self._split: deque[Job] = deque()
        self._sources: deque[Job] = deque()
        self._whole: deque[Job] = deque()
        self._problems: dict[str, _ProblemJobs] = {}
        self._last_tests = ""
        """The split tests of the program that was taken last; empty where it had none, or where none was there."""

    @property
    def has_jobs(self) -> bool:
        """Whether jobs wait here, ready or not."""
        return bool(self._split or self._sources or self._whole or self._problems)

    @property
    def has_split(self) -> bool:
        """Whether a job waits for a tester."""
        return bool(self._split)

    @property
    def may_give_whole(self) -> bool:
        """Whether `take_whole` may return a job before another report arrives."""
        return bool(self._whole or self._sources) or not self._programs.closed

    def take_split(self) -> Job | None:
        """The next job for a tester; None when there is none now."""
        # After a program without split tests, more of the same kind are likely: they would only fill `_whole`.
        while not self._split and self._last_tests and len(self._whole) + len(self._sources) < self._room:
            if not self._take_program():
                break
        return self._split.popleft() if self._split else None

    def take_whole(self) -> Job | None:
        """The next job for a server of whole programs, maybe to run its split tests; None when there is none now."""
        while not (self._whole or self._sources) and len(self._split) < self._room:
            if not self._take_program():
                break
        waiting = self._whole or self._sources
        return waiting.popleft() if waiting else None

    def settle(self, job: Job, *, run_whole: bool = True) -> None:
        """Notes that the job's confirmation is final.

        With `run_whole`, it runs whole once the confirmations of all samples of its problem at hand are final.
        """
        tests = job.program.tests_key
        problem = self._problems[tests]
        problem.running -= 1
        job.failures = 0
        if run_whole:
            problem.settled.append(job)
        self._release(tests)

    def put_back_split(self, job: Job) -> None:
        """Lets the job's split tests run once more, before all others."""
        self._split_queue(job).appendleft(job)

    def put_back_whole(self, job: Job) -> None:
        """Lets the job run whole once more, before all others."""
        self._whole.appendleft(job)

    def _take_program(self) -> bool:
        """Takes one program from the queue; False when there is none now."""
        keyed = self._programs.take()
        tests = keyed[1].tests_key if keyed else ""
        # A pause ends a problem, too: waiting for samples that may never come would hold back those at hand.
        if self._last_tests and tests != self._last_tests and (last := self._problems.get(self._last_tests)):
            last.more_may_come = False
            self._release(self._last_tests)
        self._last_tests = tests
        if keyed is None:
            return False
        job = Job(*keyed)
        if tests:
            problem = self._problems.setdefault(tests, _ProblemJobs())
            problem.running += 1
            problem.more_may_come = True
            self._split_queue(job).append(job)
        else:
            self._whole.append(job)
        return True

    def _split_queue(self, job: Job) -> deque[Job]:
        return self._sources if isinstance(job.program.split, SplitSources) else self._split

    def _release(self, tests: str) -> None:
        problem = self._problems[tests]
        if not problem.running and not problem.more_may_come:
            self._whole.extend(problem.settled)
            del self._problems[tests]
