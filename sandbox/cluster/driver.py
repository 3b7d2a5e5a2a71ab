"""Many machines as one sandbox: Ray carries programs out to them and outcomes back.

A machine has a bounded number of programs at any time, so memory stays flat. The programs of a lost machine run again
on others; an outcome counts when the driver has it, and only once. A machine that joins later is used, too.
"""

import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Self, TypeVar

from sandbox.cache.key import sandbox_digest
from sandbox.cluster.node import LOOK_SECONDS, Numbered
from sandbox.cluster.ray_client import Lost, Machine, RayConnection
from sandbox.cluster.retry_queue import RetryQueue
from sandbox.errors import SandboxError
from sandbox.outcome import Outcome, Tier
from sandbox.pool.lane import failed
from sandbox.program import Program
from sandbox.sandbox import JobQueue, MappedQueue, as_queue

K = TypeVar("K")

_SECONDS_AHEAD = 0.5
"""How much work waits on a machine, by its latest rate; so slow programs are shared out evenly to the end."""
_LEAST_AHEAD, _MOST_AHEAD = 4, 128
"""The same in programs for each worker."""
_MOST_OUT = 256
"""Most programs on a machine for each of its workers, with those that run once more at the end."""
_TRIES = 3
"""A program lost with so many machines fails; a machine lost so often is not started again."""
_LOOK_FOR_MACHINES_SECONDS = 5.0
_SILENCE_SECONDS = 120.0
"""A machine answers twice a second; one that is silent for this long counts as lost."""
_STARTING_SECONDS = 120.0
"""How long a cluster may be without a working machine."""


@dataclass(slots=True)
class _ClusterJob:
    key: Any
    program: Program
    losses: int = 0


@dataclass(slots=True)
class _Node:
    """A machine of the cluster, also one that is lost."""

    machine: Machine
    call: Any = None
    """The call that it has not answered yet; None when it has nothing to do."""
    asked: float = 0.0
    """When it was called, by the monotonic clock."""
    opened: bool = False
    jobs: dict[int, _ClusterJob] = field(default_factory=dict[int, _ClusterJob])
    waiting: int = 0
    """How many of its jobs no worker had begun when it last answered."""
    answered: float = 0.0
    rate: float = 0.0
    """Programs per second, recent ones counting most."""
    programs: int = 0
    """How many outcomes it has returned."""
    losses: int = 0
    state: str = ""
    """Why it is not used; empty while it is."""

    @property
    def description(self) -> str:
        """One line for the manifest."""
        is_lost = bool(self.losses and not self.opened)  # also while its sandbox is being started again
        state = ", lost" if is_lost else f", {self.state}" if self.state else ""
        return f"{self.machine.workers} workers, {self.programs} programs{state}"

    def note_rate(self, programs: int) -> None:
        """Sets the rate to the mean of the old one and that since the last answer."""
        now = time.monotonic()
        since = max(self.answered, self.asked - _SECONDS_AHEAD)  # before that it may have had nothing to do
        latest = programs / max(now - since, 1e-3)
        self.rate = (self.rate + latest) / 2 if self.rate else latest
        self.answered = now


class Cluster:
    """All machines of a Ray cluster as one `Sandbox`."""

    def __init__(self, address: str, tier: Tier, workers: int | None) -> None:
        """`workers` on each machine; None takes one for each processor. Raises SandboxError when none can be used."""
        self._tier = tier
        self._address = address
        self._surroundings: dict[str, str] = {}
        self._nodes: dict[str, _Node] = {}
        self._numbers = 0
        self._looked = 0.0
        self._ray = RayConnection(address, workers)
        try:
            self._open_first_machines()
        except BaseException:
            self._ray.close()
            raise

    @property
    def tier(self) -> Tier:
        return self._tier

    @property
    def workers(self) -> int:
        return sum(node.machine.workers for node in self._working())

    @property
    def surroundings(self) -> str:
        """Hash of all that could make programs end otherwise on machines of another cluster."""
        return hashlib.sha256(json.dumps(self._surroundings, sort_keys=True).encode()).hexdigest()

    def facts(self) -> Mapping[str, str]:
        local = "local" if self._address == "local" else "ray"
        nodes = {f"node {node.machine.name}": node.description for node in self._nodes.values()}
        return {**self._surroundings, "workers": str(self.workers), "cluster": local, **nodes}

    def run(self, programs: Iterable[tuple[K, Program]] | JobQueue[tuple[K, Program]]) -> Iterator[tuple[K, Outcome]]:
        """See `Sandbox.run`. Raises SandboxError when no machine is left."""
        queue = RetryQueue(MappedQueue(as_queue(programs), lambda keyed: _ClusterJob(*keyed)))
        while True:
            self._look_for_machines()
            for node in (working := self._working()):
                self._give(node, queue)
            # While no machine works, jobs may wait in vain: `_answered` then waits for a machine or raises.
            if working and not queue.has_returned and not any(node.jobs for node in working):
                return
            calls = [node.call for node in self._nodes.values() if node.call is not None]
            for node in self._answered(calls):
                yield from self._collect(node, queue)
            for node in working:
                if node.call is not None and time.monotonic() - node.asked > _SILENCE_SECONDS:
                    yield from self._lose(node, queue)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ray.close()

    def _open_first_machines(self) -> None:
        """Waits for all machines that are there now; after `_STARTING_SECONDS` one is enough."""
        self._look_for_machines()
        deadline = time.monotonic() + _STARTING_SECONDS
        while any(not node.opened and not node.state for node in self._nodes.values()) or not self._working():
            for node in self._answered([node.call for node in self._nodes.values() if node.call is not None]):
                self._admit(node, strictly=True)
            if time.monotonic() > deadline:
                if self._working():
                    return
                raise SandboxError(
                    f"No machine of the cluster {self._address!r} gave processors to the sandbox within "
                    f"{_STARTING_SECONDS:.0f} s: see `ray status` for who holds them."
                )
            self._look_for_machines()

    def _look_for_machines(self) -> None:
        """Starts the sandbox on every new machine, and on those that lost theirs and are still there."""
        if time.monotonic() - self._looked < _LOOK_FOR_MACHINES_SECONDS:
            return
        for name, processors in self._ray.machines().items():
            node = self._nodes.get(name)
            if node is None or (node.state == "lost" and node.losses < _TRIES):
                machine = self._ray.start(name, processors)
                self._nodes[name] = node = replace(node, machine=machine, state="") if node else _Node(machine)
                node.opened, node.call = False, machine.open(self._tier)
        self._looked = time.monotonic()

    def _working(self) -> list[_Node]:
        return [node for node in self._nodes.values() if node.opened and not node.state]

    def _answered(self, calls: list[Any]) -> list[_Node]:
        """The nodes that have answered; waits a moment for the first. Raises SandboxError when no machine is left."""
        if calls:
            answered = {id(call) for call in self._ray.answered(calls, 2 * LOOK_SECONDS)}
            return [node for node in self._nodes.values() if id(node.call) in answered]
        deadline = time.monotonic() + _STARTING_SECONDS
        while not any(node.call is not None for node in self._nodes.values()):
            if time.monotonic() > deadline:
                raise SandboxError(
                    f"Every machine of the cluster {self._address!r} is lost: repair it, then run the same command "
                    "again; what was judged stays."
                )
            time.sleep(LOOK_SECONDS)
            self._looked = 0.0  # looks again at once
            self._look_for_machines()
        return []
        return []

    def _give(self, node: _Node, queue: RetryQueue[_ClusterJob]) -> None:
        """Sends a machine more programs and asks for outcomes; does not call a machine that has nothing to do."""
        if node.call is not None:
            return
        workers = node.machine.workers
        ahead = min(max(int(node.rate * _SECONDS_AHEAD), _LEAST_AHEAD * workers), _MOST_AHEAD * workers)
        room = min(ahead - node.waiting, _MOST_OUT * workers - len(node.jobs))
        programs: list[Numbered] = []
        while len(programs) < room and (job := queue.take()):
            self._numbers += 1
            node.jobs[self._numbers] = job
            programs.append((self._numbers, job.program))
        if node.jobs:
            node.asked = time.monotonic()
            # An answer at half the stock leaves time to send more before the machine runs dry.
            node.call = node.machine.exchange(programs, ahead // 2)

    def _collect(self, node: _Node, queue: RetryQueue[_ClusterJob]) -> Iterator[tuple[Any, Outcome]]:
        if not node.opened:
            self._admit(node, strictly=False)
            return
        call, node.call = node.call, None
        try:
            done, node.waiting = self._ray.answer(call)
        except Lost:
            yield from self._lose(node, queue)
            return
        node.note_rate(len(done))
        for number, outcome in done:
            node.programs += 1
            yield node.jobs.pop(number).key, replace(outcome, node=node.machine.name)

    def _admit(self, node: _Node, *, strictly: bool) -> None:
        """Begins to use a machine that is like the others. `strictly` raises SandboxError for one that is not."""
        call, node.call = node.call, None
        try:
            facts: dict[str, str] = self._ray.answer(call)
        except Lost as loss:
            node.state, node.losses = "lost", node.losses + 1
            if loss.reason and strictly:
                raise SandboxError(f"Node {node.machine.name} of the cluster cannot be used: {loss.reason}") from None
            return
        self._surroundings = self._surroundings or {**facts, "wavebench's sandbox": sandbox_digest()[:16]}
        other = [name for name in {**facts, **self._surroundings} if facts.get(name) != self._surroundings.get(name)]
        if not other:
            node.opened = True
            return
        node.state = f"refused, as its {other[0]} is {facts.get(other[0])!r}"
        if strictly:
            raise SandboxError(
                f"Node {node.machine.name} of the cluster differs in {other[0]} ({facts.get(other[0])!r}, elsewhere "
                f"{self._surroundings.get(other[0])!r}): install the same there, or take it out of the cluster."
            )

    def _lose(self, node: _Node, queue: RetryQueue[_ClusterJob]) -> Iterator[tuple[Any, Outcome]]:
        """Gives a machine up; its programs run again on others, up to `_TRIES` times."""
        node.state, node.losses, node.waiting, node.opened, node.call = "lost", node.losses + 1, 0, False, None
        node.machine.end()  # it may only have been silent: its programs must not run twice
        jobs, node.jobs = node.jobs, {}
        for job in jobs.values():
            job.losses += 1
            if job.losses >= _TRIES:
                yield job.key, failed(self._tier, f"{_TRIES} machines of the cluster were lost with this program")
            else:
                queue.put_back(job)


def open_cluster(address: str, tier: Tier, workers: int | None) -> Cluster:
    """The cluster at `address` (HOST:PORT, auto, ray://...), or one of this machine alone for "local"."""
    return Cluster(address, tier, workers)
