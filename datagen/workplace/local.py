"""The processes and the sandbox of this machine."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TypeVar

from datagen.execution.run_programs import open_cached_sandbox
from datagen.workplace.workplace import Devices
from harness.processes import map_in_order
from sandbox.outcome import Tier
from sandbox.sandbox import Sandbox

B = TypeVar("B")
R = TypeVar("R")


class LocalWorkplace:
    """See `Workplace`."""

    def map_in_order(
        self, work: Callable[[B], R], blocks: Iterable[B], workers: int | None = None, *, worth_blocks: int = 4
    ) -> Iterator[R]:
        return map_in_order(work, blocks, workers, worth_blocks=worth_blocks)

    def map_on_devices(
        self,
        work: Callable[[Devices, B], R],
        blocks: Iterable[B],
        devices: Devices,
        workers: int | None = None,  # noqa: ARG002 - a process for each device; what it computes itself is not split
    ) -> Iterator[R]:
        here = partial(work, devices)
        return map(here, blocks) if len(devices) < 2 else map_in_order(here, blocks, len(devices))

    def open_sandbox(self, tier: Tier, workers: int | None) -> Sandbox:
        return open_cached_sandbox(tier, workers)


LOCAL = LocalWorkplace()
