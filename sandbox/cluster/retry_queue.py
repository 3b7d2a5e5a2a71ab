"""Programs for the machines of a cluster; those of a lost machine go first."""

from collections import deque
from typing import Generic, TypeVar

from sandbox.sandbox import JobQueue

J = TypeVar("J")


class RetryQueue(Generic[J]):
    """The jobs of another queue, and before them the jobs that were put back."""

    def __init__(self, jobs: JobQueue[J]) -> None:
        self._jobs = jobs
        self._returned: deque[J] = deque()

    def take(self) -> J | None:
        return self._returned.popleft() if self._returned else self._jobs.take()

    @property
    def closed(self) -> bool:
        """False while a job that was put back waits."""
        return not self._returned and self._jobs.closed

    @property
    def has_returned(self) -> bool:
        """Whether a job that was put back waits."""
        return bool(self._returned)

    def put_back(self, job: J) -> None:
        self._returned.append(job)
