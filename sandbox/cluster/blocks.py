"""Blocks of any work on the machines of a Ray cluster; results come back in the order of the blocks.

A machine has two blocks for each of its workers, and three for each worker are under way or wait for an earlier one, so
memory stays flat. The blocks of a lost machine are done again on others. A machine that joins later is used, too.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sandbox.cluster.node import LOOK_SECONDS
from sandbox.cluster.ray_client import NAME_CHARACTERS, Lost, MachineResources, RayConnection
from sandbox.errors import SandboxError

B = TypeVar("B")
R = TypeVar("R")

_AHEAD = 3
"""Blocks for each worker that are under way, or done and wait for an earlier one."""
_OUT = 2
"""Blocks on a machine for each of its workers: one at work, one that waits, so that no worker waits for the driver."""
_TRIES = 3
"""A block that was lost so often is given up: it is the block that takes the machines down."""
_LOOK_FOR_MACHINES_SECONDS = 5.0
_STARTING_SECONDS = 120.0
"""How long a cluster may be without a machine that can be used."""
_SILENCE_SECONDS = 120.0
"""After so long without any result the user is told where to look."""

Facts = Mapping[str, str]
"""What could make a block's result another one on another machine."""


@dataclass(slots=True)
class _BlockMachine:
    resources: MachineResources
    facts: Facts
    rests_until: float = 0.0
    """By the monotonic clock; a machine that has lost a block may be dying, which Ray notices later."""
    out: int = 0


@dataclass(slots=True, eq=False)
class _Block:
    content: Any
    call: Any = None
    """None once it is done, and while it waits to be done again."""
    machine: _BlockMachine | None = None
    is_done: bool = False
    result: Any = None
    losses: int = 0


@dataclass(slots=True)
class _InOrder:
    """Blocks between the source and the one who takes the results."""

    rest: Iterator[Any]
    under_way: deque[_Block] = field(default_factory=deque[_Block])
    """From the first whose result was not taken, in order."""
    lost: deque[_Block] = field(default_factory=deque[_Block])
    ended: bool = False

    def take(self, most: int) -> _Block | None:
        """The next block to be done; None when there is none, or as many as `most` are under way."""
        if self.lost:
            return self.lost.popleft()
        if self.ended or len(self.under_way) >= most:
            return None
        for content in self.rest:
            self.under_way.append(_Block(content))
            return self.under_way[-1]
        self.ended = True
        return None


class BlockCluster:
    """The machines of a Ray cluster as workers for blocks."""

    def __init__(self, address: str, describe: Callable[[], Facts], besides: Collection[str] = ()) -> None:
        """`describe` gives a machine's facts; one that differs from this machine in any but those `besides` is refused.

        Raises SandboxError when no cluster answers at `address`, or for a machine that differs.
        """
        self._address = address
        self._describe = describe
        self._here = describe()
        self._machines: dict[str, _BlockMachine] = {}
        self._refused: set[str] = set()
        self._looked = 0.0
        self._ray = RayConnection(address, None)
        try:
            self._look_for_machines(besides, strictly=True)
        except BaseException:
            self._ray.close()
            raise

    def map_in_order(
        self,
        work: Callable[[B], R],
        blocks: Iterable[B],
        workers: int | None = None,
        *,
        per_device: bool = False,
        besides: Collection[str] = (),
    ) -> Iterator[R]:
        """`work` of every block, in order: one for each processor at once, or `workers` on each machine.

        With `per_device` one for each GPU, and one for each machine without. `work` must be importable there; what it
        raises is raised here. Raises SandboxError when no machine is left or a block takes machines down.
        """
        # Machines that would do for other work may differ in what decides here.
        for name, machine in self._machines.items():
            self._check(name, machine.facts, besides)
        shared = self._ray.share(work)
        order = _InOrder(iter(blocks))
        heard = time.monotonic()
        try:
            while True:
                self._look_for_machines(besides)
                self._hand_out(order, shared, workers, per_device=per_device)
                while order.under_way and order.under_way[0].is_done:
                    yield order.under_way.popleft().result
                if order.ended and not order.under_way:
                    return
                answered = self._settle(order)
                if answered:
                    heard = time.monotonic()
                elif time.monotonic() - heard > _SILENCE_SECONDS:
                    heard = time.monotonic()
                    _warn(
                        f"The cluster {self._address!r} has returned nothing for {_SILENCE_SECONDS:.0f} s: see `ray "
                        "status` for who holds its processors."
                    )
        finally:
            self._ray.cancel(block.call for block in order.under_way if block.call is not None)
            for machine in self._machines.values():
                machine.out = 0

    def close(self) -> None:
        self._ray.close()

    def _hand_out(self, order: _InOrder, shared: Any, workers: int | None, *, per_device: bool) -> None:
        """Gives each machine what it has room for, the idlest first."""
        now = time.monotonic()
        shares = {
            name: _share(machine.resources, workers, per_device=per_device)
            for name, machine in self._machines.items()
            if machine.rests_until <= now
        }
        places = sum(count for count, _ in shares.values())
        while shares:
            name = min(shares, key=lambda each: self._machines[each].out / shares[each][0])
            machine, (count, needs) = self._machines[name], shares[name]
            if machine.out >= _OUT * count or (block := order.take(_AHEAD * places)) is None:
                return
            block.machine = machine
            machine.out += 1
            block.call = self._ray.call(name, needs, _do, shared, block.content)

    def _settle(self, order: _InOrder) -> bool:
        """Waits a moment for answers; whether there was one."""
        calls = {id(block.call): block for block in order.under_way if block.call is not None}
        if not calls:
            time.sleep(LOOK_SECONDS)
            return False
        answered = self._ray.answered([block.call for block in calls.values()], 2 * LOOK_SECONDS)
        for call in answered:
            block = calls[id(call)]
            block.call, machine = None, block.machine
            if machine:
                machine.out -= 1
            try:
                block.result = self._ray.result(call)
            except Lost:
                block.losses += 1
                if block.losses >= _TRIES:
                    raise SandboxError(
                        f"{_TRIES} processes of the cluster {self._address!r} were lost with the same part of the "
                        "work, most often for memory: free some, or ask for fewer workers at once (execution.workers), "
                        "and give the same command again."
                    ) from None
                if machine:
                    machine.rests_until = time.monotonic() + _LOOK_FOR_MACHINES_SECONDS
                order.lost.append(block)
            else:
                block.is_done, block.content = True, None
        return bool(answered)

    def _look_for_machines(self, besides: Collection[str], *, strictly: bool = False) -> None:
        """Takes in new machines and leaves out those that are gone; waits while there is none."""
        if time.monotonic() - self._looked < _LOOK_FOR_MACHINES_SECONDS:
            return
        deadline = time.monotonic() + _STARTING_SECONDS
        while True:
            found = self._ray.resources()
            self._machines = {name: machine for name, machine in self._machines.items() if name in found}
            new = sorted(found.keys() - self._machines.keys() - self._refused)
            for name, call in [(name, self._ray.call(name, MachineResources(), self._describe)) for name in new]:
                self._admit(name, found[name], call, besides, strictly=strictly)
            if self._machines:
                self._looked = time.monotonic()
                return
            if time.monotonic() > deadline:
                raise SandboxError(
                    f"Every machine of the cluster {self._address!r} is lost: repair it, then give the same command "
                    "again; what was finished stays."
                )
            time.sleep(LOOK_SECONDS)

    def _admit(
        self, name: str, resources: MachineResources, call: Any, besides: Collection[str], *, strictly: bool
    ) -> None:
        """Begins to use a machine that is like this one. `strictly` raises SandboxError for one that is not."""
        try:
            facts: Facts = self._ray.result(call)
            self._check(name, facts, besides)
        except Lost:
            return
        except SandboxError as error:
            if strictly:
                raise
            self._refused.add(name)
            _warn(str(error))
        except Exception as error:
            raise SandboxError(
                f"Node {name[:NAME_CHARACTERS]} of the cluster cannot be used: it does not run this version of "
                f"wavebench ({type(error).__name__})."
            ) from error
        else:
            self._machines[name] = _BlockMachine(resources, facts)

    def _check(self, name: str, facts: Facts, besides: Collection[str]) -> None:
        """Raises SandboxError for a machine whose results might be others than this machine's."""
        for each in sorted({*facts, *self._here} - {*besides}):
            if facts.get(each) != self._here.get(each):
                raise SandboxError(
                    f"Node {name[:NAME_CHARACTERS]} of the cluster differs from this machine in {each} "
                    f"({facts.get(each)!r}, here {self._here.get(each)!r}): install the same there, or take it out of "
                    "the cluster."
                )


def _share(has: MachineResources, workers: int | None, *, per_device: bool) -> tuple[int, MachineResources]:
    """How many blocks a machine does at once, and what each needs."""
    processors = min(workers or has.processors, has.processors)
    if not per_device:
        return processors, MachineResources(1)
    if not has.gpus:
        return 1, MachineResources(processors)
    return has.gpus, MachineResources(max(processors // has.gpus, 1), 1)


def _warn(sentence: str) -> None:
    logging.getLogger("wavebench").warning("%s", sentence)


def _do(work: Callable[[Any], Any], block: Any) -> Any:
    return work(block)
