"""By which rules the code is found in an answer, so that numbers made by different ones are never mixed."""

from enum import StrEnum
from typing import Any, Protocol, Self, TypeVar, runtime_checkable

from tasks.errors import TaskError
from tasks.task import Task

T = TypeVar("T", bound=Task[Any])


class ExtractionPolicy(StrEnum):
    """Which rules find the code in what a model said. Samples that are known to be programs follow none."""

    ROBUST = "robust"
    """The task's own rules: they find code wherever a careful reader would. The default."""
    UPSTREAM = "upstream"
    """Those of the harness that the benchmark's published scores were made with, to the letter, for comparison."""
    FIRST_BLOCK = "first-block"
    """The first fenced block, whatever it holds; where there is none, the whole answer."""
    LAST_BLOCK = "last-block"
    """The last fenced block, whatever it holds; where there is none, the whole answer."""


@runtime_checkable
class WithPolicies(Protocol):
    """A task that finds code by more rules than its own."""

    @property
    def extraction(self) -> ExtractionPolicy:
        """The policy in use."""
        ...

    def under(self, policy: ExtractionPolicy) -> Self:
        """The same task under another policy."""
        ...


def under_policy(task: T, policy: ExtractionPolicy) -> T:
    """The task under a policy. Raises TaskError where the task, of another package, has its own rules alone."""
    if isinstance(task, WithPolicies):
        return task if task.extraction is policy else task.under(policy)
    if policy is not ExtractionPolicy.ROBUST:
        raise TaskError(
            f"extraction = {policy.value!r}: the task {task.name!r} finds code by its own rules alone; "
            f"leave the setting out."
        )
    return task


def policy_of(task: object) -> ExtractionPolicy:
    """The policy that a task is under."""
    return task.extraction if isinstance(task, WithPolicies) else ExtractionPolicy.ROBUST
