"""The machines of a Ray cluster; a stage's files stay on this machine, and blocks travel with their contents."""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain, islice
from typing import TypeVar, cast

from datagen.execution.run_programs import open_execution_cache
from datagen.workplace.local import LOCAL
from datagen.workplace.machine_facts import DEVICE_FACTS, machine_facts
from datagen.workplace.workplace import Devices, Travelling, Workplace
from sandbox.cluster.blocks import BlockCluster
from sandbox.cluster.cached import open_cached_cluster
from sandbox.outcome import Tier
from sandbox.sandbox import Sandbox

B = TypeVar("B")
R = TypeVar("R")


class ClusterWorkplace:
    """See `Workplace`."""

    def __init__(self, address: str, cluster: BlockCluster) -> None:
        self._address = address
        self._cluster = cluster

    def map_in_order(
        self, work: Callable[[B], R], blocks: Iterable[B], workers: int | None = None, *, worth_blocks: int = 4
    ) -> Iterator[R]:
        rest = iter(blocks)
        first = list(islice(rest, worth_blocks))
        if len(first) < worth_blocks:
            return map(work, first)
        sent = map(_with_contents, chain(first, rest))
        return self._cluster.map_in_order(work, sent, workers, besides=DEVICE_FACTS)

    def map_on_devices(
        self,
        work: Callable[[Devices, B], R],
        blocks: Iterable[B],
        devices: Devices,  # noqa: ARG002 - of this machine; on each of the cluster Ray says which one is free
        workers: int | None = None,
    ) -> Iterator[R]:
        rest = iter(blocks)
        first = list(islice(rest, 1))
        if not first:
            return iter(())
        return self._cluster.map_in_order(partial(work, ()), chain(first, rest), workers, per_device=True)

    def open_sandbox(self, tier: Tier, workers: int | None) -> Sandbox:
        return open_cached_cluster(self._address, tier, workers, open_execution_cache())


@contextmanager
def open_workplace(cluster: str) -> Generator[Workplace]:
    """This machine, or the cluster at an address. Raises SandboxError when it cannot be used."""
    if not cluster:
        yield LOCAL
        return
    machines = BlockCluster(cluster, machine_facts, DEVICE_FACTS)
    try:
        yield ClusterWorkplace(cluster, machines)
    finally:
        machines.close()


def _with_contents(block: B) -> B:
    return cast("B", block.with_contents()) if isinstance(block, Travelling) else block
