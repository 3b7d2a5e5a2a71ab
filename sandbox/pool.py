"""Many fork servers at once: keeps every worker busy, memory flat, and no verdict lost when a server dies."""

import selectors
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import starmap
from types import TracebackType
from typing import Any, Self, TypeVar

from sandbox.host import Host
from sandbox.outcome import Confirmation, Ending, Outcome, Tier
from sandbox.placement import Place
from sandbox.program import Program
from sandbox.source import Source
from sandbox.worker import Worker, WorkerDiedError, failed

K = TypeVar("K")

_TRIES = 3
"""How many servers a program may take down before the sandbox is called broken for it."""

_LOOK_AGAIN_SECONDS = 0.05
"""How soon a worker without work is given what its source, which had ended for the moment, offers again."""

_DOUBTFUL = (Ending.WALL_LIMIT, Ending.SANDBOX_FAILED)
"""Endings that a busy or broken machine can bring about."""


@dataclass(slots=True)
class _Job:
    key: Any
    program: Program
    tries: int = 0
    unconfirmed: str = ""
    """Why its tests no longer run apart."""


@dataclass(slots=True)
class _Seat:
    """A worker and the jobs that are with it, oldest first: one runs, one may wait in the socket."""

    worker: Worker
    place: Place
    jobs: deque[_Job] = field(default_factory=lambda: deque[_Job]())


class Pool:
    """The `Sandbox` of the tiers that use fork servers."""

    def __init__(self, host: Host, workers: int) -> None:
        self._host = host
        self._seats: list[_Seat] = []
        try:
            for _ in range(workers):
                place = Place()
                self._seats.append(_Seat(Worker(host, place.processor), place))
            for seat in self._seats:
                seat.worker.wait_until_ready()
        except BaseException:
            self.close()
            raise

    @property
    def tier(self) -> Tier:
        return self._host.tier

    @property
    def workers(self) -> int:
        return len(self._seats)

    def facts(self) -> Mapping[str, str]:
        walls = self._seats[0].worker.walls
        return {
            "tier": self.tier,
            "workers": str(self.workers),
            "memory": "control group" if walls["memory_held"] else "rlimit",
            "processes": "control group" if walls["processes_held"] else "rlimit",
            **self._host.facts(),
        }

    def run(self, programs: Iterable[tuple[K, Program]]) -> Iterator[tuple[K, Outcome]]:
        """See `Sandbox.run`.

        What hits the wall limit or a broken wall is run once more, alone, before that counts. Where the tests apart
        and the whole program disagree, the whole program is run once more in a process that answered no calls.
        """
        doubtful: list[_Job] = []
        disputed: list[tuple[_Job, Outcome]] = []
        for job, outcome in self._run(programs, self._seats):
            if outcome.ending in _DOUBTFUL:
                doubtful.append(job)
            elif _disputed(outcome):
                disputed.append((job, outcome))
            else:
                yield job.key, outcome
        for job in doubtful:
            for _, outcome in self._run([(job.key, job.program)], self._seats[:1]):
                if _disputed(outcome):
                    disputed.append((job, outcome))
                else:
                    yield job.key, outcome
        yield from self._run_whole(disputed)

    def _run_whole(self, disputed: list[tuple[_Job, Outcome]]) -> Iterator[tuple[Any, Outcome]]:
        """The whole programs alone, each with the confirmation that it already has."""
        programs = [((job.key, said), replace(job.program, apart=None)) for job, said in disputed]
        for again, outcome in self._run(programs, self._seats):
            key, said = again.key
            yield key, replace(outcome, confirmation=said.confirmation, confirmation_detail=said.confirmation_detail)

    def close(self) -> None:
        for seat in self._seats:
            seat.worker.close()
            seat.place.release()
        self._seats.clear()
        self._host.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, programs: Iterable[tuple[Any, Program]], seats: list[_Seat]) -> Iterator[tuple[_Job, Outcome]]:
        source = Source(starmap(_Job, programs))  # unlike a generator, goes on after an end for the moment
        with selectors.DefaultSelector() as selector:
            for seat in seats:
                selector.register(seat.worker, selectors.EVENT_READ, seat)
            while True:
                yield from self._fill(seats, source, selector)
                if not any(seat.jobs for seat in seats):
                    if source.has_returned:  # every server died while it was given its program
                        continue
                    return
                idle = any(not seat.jobs for seat in seats)
                for ready, _ in selector.select(_LOOK_AGAIN_SECONDS if idle else None):
                    yield from self._collect(ready.data, source, selector)

    def _fill(
        self, seats: list[_Seat], source: Source[_Job], selector: selectors.BaseSelector
    ) -> Iterator[tuple[_Job, Outcome]]:
        """Gives every worker one program to run, then one to have ready."""
        for depth in (0, 1):
            for seat in seats:
                while len(seat.jobs) == depth and (job := source.next()):
                    seat.jobs.append(job)
                    if job.program.apart and not seat.worker.expects_tests:
                        for each in seats:  # all at once, not one after the other
                            each.worker.expect_tests()
                    try:
                        seat.worker.send(job.program)
                    except WorkerDiedError:
                        yield from self._replace(seat, source, selector)

    def _collect(
        self, seat: _Seat, source: Source[_Job], selector: selectors.BaseSelector
    ) -> Iterator[tuple[_Job, Outcome]]:
        try:
            outcome = seat.worker.receive()
        except WorkerDiedError:
            yield from self._replace(seat, source, selector)
            return
        job = seat.jobs.popleft()
        if job.unconfirmed:
            outcome = replace(outcome, confirmation=Confirmation.INEXPRESSIBLE, confirmation_detail=job.unconfirmed)
        yield job, outcome

    def _replace(
        self, seat: _Seat, source: Source[_Job], selector: selectors.BaseSelector
    ) -> Iterator[tuple[_Job, Outcome]]:
        """Puts a new server in a dead one's place; what was with it runs again, within reason."""
        selector.unregister(seat.worker)
        seat.worker.close()
        seat.worker = Worker(self._host, seat.place.processor)
        seat.worker.wait_until_ready()
        selector.register(seat.worker, selectors.EVENT_READ, seat)
        lost, seat.jobs = seat.jobs, deque()
        if lost:
            _count_death(lost[0])
        for job in lost:
            if job.tries >= _TRIES:
                yield job, failed(self.tier, f"the fork server died {_TRIES} times under this program")
            else:
                source.put_back(job)


def _count_death(job: _Job) -> None:
    """What a candidate answers may be too much for its tests' process: the last try does without that one."""
    job.tries += 1
    if job.tries == _TRIES - 1 and job.program.apart:
        job.program = replace(job.program, apart=None)
        job.unconfirmed = f"a server died {job.tries} times while its tests ran apart"


def _disputed(outcome: Outcome) -> bool:
    """Whether the tests apart and the whole program said different things of one candidate."""
    held = outcome.confirmation is Confirmation.HELD
    return outcome.confirmation is not None and outcome.ending is Ending.EXITED and outcome.finished != held
