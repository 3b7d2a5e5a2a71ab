"""Many servers at once: every worker is kept busy, memory stays flat, and a server that dies loses no verdict."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from types import TracebackType
from typing import Self, TypeVar

from sandbox.errors import SandboxError
from sandbox.languages import UnknownLanguageError, language
from sandbox.outcome import Ending, Outcome, Tier
from sandbox.pool.backlog import Job
from sandbox.pool.connection import ConnectionLostError
from sandbox.pool.dispatch import Dispatch, Slot, with_confirmation
from sandbox.pool.host import Host
from sandbox.pool.lane import Lane, failed, outcome_of
from sandbox.pool.tester_store import CompiledTesters
from sandbox.program import Program
from sandbox.sandbox import JobQueue
from sandbox.walls.cpu_affinity import CpuReservation
from sandbox.wire.frames import Role

K = TypeVar("K")

_KNOWN_GOOD_PYTHON = "pass"


class Pool:
    """The `Sandbox` of the tiers that use fork servers."""

    def __init__(self, host: Host, workers: int) -> None:
        self._host = host
        self._slots: list[Slot] = []
        self._alone: list[Job] = []
        self._run_number = 0
        open_testers = cache(lambda: CompiledTesters(host.facts()))
        try:
            for _ in range(workers):
                place = CpuReservation()
                whole, split = (Lane(host, role, place.processor, open_testers) for role in (Role.FORKER, Role.TESTER))
                self._slots.append(Slot(whole, split, place))
                whole.open()
            for slot in self._slots:  # only now: all servers start at once
                slot.whole.wait_until_ready()
        except BaseException:  # Ctrl-C too: no server may be left behind
            self.close()
            raise

    @property
    def tier(self) -> Tier:
        return self._host.tier

    @property
    def workers(self) -> int:
        return len(self._slots)

    @property
    def lone_jobs(self) -> int:
        """How many programs of the present run wait until nothing else runs."""
        return len(self._alone)

    def facts(self) -> Mapping[str, str]:
        walls = self._slots[0].whole.walls
        return {
            "tier": self.tier,
            "workers": str(self.workers),
            "memory": "control group" if walls["memory_held"] else "rlimit",
            "processes": "control group" if walls["processes_held"] else "rlimit",
            **self._host.facts(),
        }

    def run(self, programs: Iterable[tuple[K, Program]] | JobQueue[tuple[K, Program]]) -> Iterator[tuple[K, Outcome]]:
        """See `Sandbox.run`, and `Backlog` for the order in which programs run.

        A program that reaches the wall limit, meets a broken wall or loses its servers runs once more, alone, before
        that counts. Its split tests do not run again: by then other programs have met them.
        """
        self._run_number += 1
        number = self._run_number
        self._end_abandoned()
        with Dispatch(self._slots, programs, self.tier) as dispatch:
            self._alone = dispatch.alone
            for job, outcome in dispatch.outcomes():
                yield job.key, with_confirmation(job, outcome)
                if number != self._run_number:
                    raise SandboxError(
                        "Another run of this sandbox began before this one had ended, and ended it: open a sandbox for "
                        "each, or give all programs to one run."
                    )
        for job in dispatch.alone:
            yield job.key, with_confirmation(job, self._run_alone(job))
        self._alone = []

    def close(self) -> None:
        for slot in self._slots:
            slot.whole.close()
            slot.split.close()
            slot.place.release()
        self._slots.clear()
        self._host.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _end_abandoned(self) -> None:
        """A caller may have left an earlier run before its end: its programs must not answer in this one."""
        for lane in (lane for slot in self._slots for lane in (slot.whole, slot.split) if lane.jobs):
            lane.jobs.clear()
            lane.reopen()

    def _run_alone(self, job: Job) -> Outcome:
        """Runs the program while nothing else runs.

        Reports a failure of the sandbox only if a known-good program with the same limits fails too; otherwise the
        program broke its own sandbox.
        """
        outcome = self._run_once(job.program)
        if outcome.ending is not Ending.SANDBOX_FAILED:
            return outcome
        try:
            row = language(job.program.language)
        except UnknownLanguageError:
            return outcome
        # Same limits, same other files: only the program itself is exchanged.
        files = {**job.program.files, row.main_file: _KNOWN_GOOD_PYTHON if row.in_process else row.right}
        if not self._run_once(replace(job.program, files=files, split=None)).finished:
            return outcome
        detail = f"the program broke its sandbox, which then ran a known-good one: {outcome.detail}"
        return replace(outcome, ending=Ending.SIGNALLED, detail=detail)

    def _run_once(self, program: Program) -> Outcome:
        lane = self._slots[0].whole
        try:
            lane.send(Job(None, replace(program, split=None)))
            return outcome_of(lane.receive(), self.tier)
        except ConnectionLostError:
            lane.reopen()
            return failed(self.tier, "the fork server died under this program")
        finally:
            lane.jobs.clear()
