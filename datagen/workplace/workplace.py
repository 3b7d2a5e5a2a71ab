"""What a stage asks of the place where its work is done."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar, runtime_checkable

from sandbox.outcome import Tier
from sandbox.sandbox import Sandbox

B = TypeVar("B")
R = TypeVar("R")

Devices = tuple[str, ...]
"""Names of devices that encode, such as "cuda:0"; empty leaves the choice to torch."""


class Workplace(Protocol):
    """Where blocks of work are done and programs run. Results are the same bytes everywhere."""

    def map_in_order(
        self, work: Callable[[B], R], blocks: Iterable[B], workers: int | None = None, *, worth_blocks: int = 4
    ) -> Iterator[R]:
        """`work` of every block, in order, on `workers` at once (on each machine; None: one for each core).

        Fewer than `worth_blocks` are done in this process. `work` must be importable; what it raises is raised here.
        """
        ...

    def map_on_devices(
        self, work: Callable[[Devices, B], R], blocks: Iterable[B], devices: Devices, workers: int | None = None
    ) -> Iterator[R]:
        """The same for work that uses a whole GPU, or the whole machine where there is none.

        `devices` are those of this machine; `work` gets the ones that are there where it runs.
        """
        ...

    def open_sandbox(self, tier: Tier, workers: int | None) -> Sandbox:
        """A sandbox behind the execution cache. A machine's processors are reserved for as long as it is open."""
        ...


@runtime_checkable
class Travelling(Protocol):
    """A block that reads files of this machine when it is worked on."""

    def with_contents(self) -> "Travelling":
        """The same block with what it would read, so that it can be worked on elsewhere."""
        ...
