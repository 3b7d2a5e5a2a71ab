"""The programs that are still to run, as whoever hands them out draws them."""

from collections import deque
from collections.abc import Iterable
from typing import Generic, TypeVar

J = TypeVar("J")


class JobQueue(Generic[J]):
    """Jobs drawn one at a time; what comes back goes first. Jobs that have ended for the moment may go on later."""

    def __init__(self, jobs: Iterable[J]) -> None:
        self._jobs = iter(jobs)
        self._returned: deque[J] = deque()

    def next(self) -> J | None:
        if self._returned:
            return self._returned.popleft()
        return next(self._jobs, None)

    @property
    def has_returned(self) -> bool:
        """Whether a job that came back waits to be drawn again."""
        return bool(self._returned)

    def put_back(self, job: J) -> None:
        self._returned.append(job)
