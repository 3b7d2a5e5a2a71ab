"""What every tier offers: programs in, outcomes out as they finish."""

from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import Protocol, Self, TypeVar

from sandbox.job_queue import JobQueue
from sandbox.outcome import Outcome, Tier
from sandbox.program import Program

K = TypeVar("K")


class Sandbox(Protocol):
    """An open sandbox: workers that run one program each at a time. Close it with `with`."""

    @property
    def tier(self) -> Tier: ...
    @property
    def workers(self) -> int: ...

    def run(self, programs: Iterable[tuple[K, Program]] | JobQueue[tuple[K, Program]]) -> Iterator[tuple[K, Outcome]]:
        """Runs every program once and yields its outcome under its key, in the order they finish.

        Takes a program only when a worker has room for it, so memory stays flat however many there are. A `JobQueue`
        may have nothing now and more later; `run` returns when nothing runs and the queue has nothing.
        """
        ...

    def facts(self) -> Mapping[str, str]:
        """What the manifest should say: tier, walls, toolchain versions."""
        ...

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
