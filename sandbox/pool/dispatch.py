"""One pass over a pool's programs: hands jobs to its servers, collects their reports, replaces servers that die."""

import os
import selectors
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self

from sandbox.outcome import NO_TESTER, Confirmation, Ending, Outcome, Tier
from sandbox.pool.backlog import Backlog, Job
from sandbox.pool.connection import ConnectionLostError
from sandbox.pool.lane import Lane, assertions_of, failed, outcome_of, outcome_of_split
from sandbox.program import Program
from sandbox.sandbox import JobQueue, WakingQueue
from sandbox.walls.cpu_affinity import CpuReservation
from sandbox.wire.frames import Role

_MOST_FAILURES = 2
"""After this many deaths or failures of its server a job runs alone, or stays unconfirmed."""

_POLL_SECONDS = 0.05
"""How often an idle worker asks a queue that has nothing now and is not closed."""

_DOUBTFUL_ENDINGS = (Ending.WALL_LIMIT, Ending.SANDBOX_FAILED)
"""Endings that a busy or broken machine can bring about."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A worker: its two servers, on one processor."""

    whole: Lane
    split: Lane
    place: CpuReservation


class Dispatch:
    """Runs programs on the servers of some slots. Jobs with a doubtful ending are left in `alone`."""

    def __init__(
        self,
        slots: Sequence[Slot],
        programs: Iterable[tuple[Any, Program]] | JobQueue[tuple[Any, Program]],
        tier: Tier,
    ) -> None:
        self.alone: list[Job] = []
        """Jobs that have to run whole once more, each while nothing else runs."""
        self._slots = slots
        self._tier = tier
        self._backlog = Backlog(programs, room=2 * len(slots))
        self._ended: deque[tuple[Job, Outcome]] = deque()
        self._selector = selectors.DefaultSelector()
        for lane in self._open_lanes():
            self._selector.register(lane, selectors.EVENT_READ, lane)
        if isinstance(programs, WakingQueue):
            self._selector.register(programs.wake_descriptor, selectors.EVENT_READ)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._selector.close()

    def outcomes(self) -> Iterator[tuple[Job, Outcome]]:
        """Each job as it ends, except those left in `alone`. Returns when nothing runs and the queue has nothing."""
        while True:
            self._fill()
            yield from self._take_ended()
            if not any(lane.jobs for lane in self._open_lanes()):
                if self._backlog.has_jobs:  # every server died while it was given its program
                    continue
                return
            is_idle = any(not slot.whole.jobs for slot in self._slots)
            for ready, _ in self._selector.select(_POLL_SECONDS if is_idle and self._backlog.may_give_whole else None):
                if ready.data is None:  # programs have arrived: `_fill` takes them
                    os.eventfd_read(ready.fd)
                else:
                    self._collect(ready.data)
                yield from self._take_ended()  # before `_fill` takes more programs from the queue

    def _take_ended(self) -> Iterator[tuple[Job, Outcome]]:
        while self._ended:
            yield self._ended.popleft()

    def _open_lanes(self) -> list[Lane]:
        return [lane for slot in self._slots for lane in (slot.whole, slot.split) if lane.is_open]

    def _fill(self) -> None:
        """Gives every server one program to run, then one to have ready."""
        for depth in (0, 1):
            for slot in self._slots:
                while len(slot.whole.jobs) == depth and (job := self._backlog.take_whole()):
                    self._send(slot.whole, job)
            if self._backlog.has_split and not self._slots[0].split.is_open:
                # Testers start with the first split tests, as many runs have none; all start at once to save time.
                for slot in self._slots:
                    slot.split.open()
                for slot in self._slots:
                    slot.split.wait_until_ready()
                    self._selector.register(slot.split, selectors.EVENT_READ, slot.split)
            for slot in self._slots:
                while slot.split.is_open and len(slot.split.jobs) == depth and (job := self._backlog.take_split()):
                    self._send(slot.split, job)

    def _send(self, lane: Lane, job: Job) -> None:
        try:
            lane.send(job)
        except ConnectionLostError:
            self._replace(lane)

    def _collect(self, lane: Lane) -> None:
        try:
            report = lane.receive()
        except ConnectionLostError:
            self._replace(lane)
            return
        job = lane.jobs.popleft()
        if lane.role is Role.TESTER or job.runs_split:
            self._settle(job, report)
            return
        outcome = outcome_of(report, self._tier)
        if outcome.ending in _DOUBTFUL_ENDINGS:
            self.alone.append(job)
        else:
            self._ended.append((job, outcome))

    def _settle(self, job: Job, report: dict[str, Any]) -> None:
        """Notes the result of the split tests. They end the job where the whole program need not run any more."""
        if "failed" in report:
            self._try_again_split(job, report["failed"])
            return
        limit = report["limit"]
        is_alone = job.program.split_alone
        if is_alone and limit == Ending.WALL_LIMIT and not job.failures:
            job.failures += 1  # a busy machine may be the cause
            self._backlog.put_back_split(job)
            return
        job.confirmation = Confirmation(report["confirmation"])
        job.confirmation_detail = report["detail"]
        job.assertions = assertions_of(report)
        job.code = report.get("code", b"")
        # The whole program would reach the same limit: it does not run, unless a busy machine may be the cause.
        self._backlog.settle(job, run_whole=limit is None and not is_alone)
        if limit == Ending.WALL_LIMIT and not is_alone:
            self.alone.append(job)
        elif limit is not None or is_alone:
            self._ended.append((job, outcome_of_split(report, self._tier, is_alone=is_alone)))

    def _replace(self, lane: Lane) -> None:
        """Starts a new server in place of a dead one; the jobs that were with it run again, within reason."""
        self._selector.unregister(lane)
        lane.reopen()
        self._selector.register(lane, selectors.EVENT_READ, lane)
        while len(lane.jobs) > 1:  # those behind the first one had not started, so the death was not theirs
            self._put_back(lane, lane.jobs.pop())
        if lane.jobs:
            job = lane.jobs.popleft()
            if lane.role is Role.TESTER or job.runs_split:
                self._try_again_split(job, "its server died")
            else:
                self._try_again_whole(job)

    def _try_again_whole(self, job: Job) -> None:
        """Counts a failure of the job that ran, and lets it run again or alone."""
        job.failures += 1
        if job.failures < _MOST_FAILURES:
            self._backlog.put_back_whole(job)
        else:
            self.alone.append(job)

    def _try_again_split(self, job: Job, reason: str) -> None:
        """Counts a failure of the job whose split tests ran, and lets them run again, or leaves it unconfirmed."""
        job.failures += 1
        if job.failures < _MOST_FAILURES:
            self._backlog.put_back_split(job)
            return
        job.confirmation = Confirmation.INEXPRESSIBLE
        job.confirmation_detail = f"{NO_TESTER}{reason}, {job.failures} times"
        is_alone = job.program.split_alone
        self._backlog.settle(job, run_whole=not is_alone)
        if is_alone:
            self._ended.append((job, failed(self._tier, job.confirmation_detail)))

    def _put_back(self, lane: Lane, job: Job) -> None:
        if lane.role is Role.TESTER or job.runs_split:
            self._backlog.put_back_split(job)
        else:
            self._backlog.put_back_whole(job)


def with_confirmation(job: Job, outcome: Outcome) -> Outcome:
    """The outcome of the whole program together with the result of its split tests."""
    return replace(
        outcome,
        confirmation=job.confirmation,
        confirmation_detail=job.confirmation_detail,
        assertions=job.assertions,
    )
