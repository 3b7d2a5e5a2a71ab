"""What every tier offers: programs in, outcomes out as they finish.

Programs come from an iterable or from a queue. A queue tells "nothing now" from "never again", where an iterator can
only end.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar, cast, runtime_checkable

from sandbox.outcome import Outcome, Tier
from sandbox.program import Program

K = TypeVar("K")
J = TypeVar("J")
R = TypeVar("R")
J_co = TypeVar("J_co", covariant=True)


@runtime_checkable
class JobQueue(Protocol[J_co]):
    """Jobs that one consumer takes as it has room for them.

    A consumer that gets None goes on with what it has, and asks again later. It returns when it has nothing left and
    still gets None: whoever fills the queue then calls it again, unless the queue is closed.
    """

    def take(self) -> J_co | None:
        """The next job; None when there is none now."""
        ...

    @property
    def closed(self) -> bool:
        """True once `take` will never return a job again."""
        ...


@runtime_checkable
class WakingQueue(Protocol):
    """A queue that can tell a consumer which waits for its workers that jobs have arrived."""

    @property
    def wake_descriptor(self) -> int:
        """An eventfd; readable when jobs have arrived after `take` gave None. Who can take on need not be woken up."""
        ...


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


class IterableQueue(Generic[J]):
    """The jobs of a plain iterable. Closed once the iterable has ended, which is known when `take` has met its end."""

    def __init__(self, jobs: Iterable[J]) -> None:
        self._jobs = iter(jobs)
        self._closed = False

    def take(self) -> J | None:
        job = None if self._closed else next(self._jobs, None)
        self._closed = job is None
        return job

    @property
    def closed(self) -> bool:
        return self._closed


@dataclass(frozen=True, slots=True)
class MappedQueue(Generic[J, R]):
    """The jobs of another queue, each changed by a function when it is taken."""

    jobs: JobQueue[J]
    change: Callable[[J], R]

    def take(self) -> R | None:
        job = self.jobs.take()
        return None if job is None else self.change(job)

    @property
    def closed(self) -> bool:
        return self.jobs.closed


def as_queue(jobs: Iterable[J] | JobQueue[J]) -> JobQueue[J]:
    """A queue as it is; a plain iterable as a queue."""
    if isinstance(jobs, JobQueue):
        return cast(JobQueue[Any], jobs)
    return IterableQueue(jobs)
