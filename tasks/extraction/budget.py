"""How much processor time one answer may cost: what a model says must never hold up the judge."""

import math
import threading
from collections.abc import Callable
from functools import wraps
from time import thread_time
from typing import ParamSpec, TypeVar

from tasks.errors import TaskError
from tasks.task import Extraction

P = ParamSpec("P")
T = TypeVar("T")

CPU_SECONDS = 0.4
"""For finding the code in one answer, and again for putting its program together: a thousand times what either takes."""


class OverBudgetError(TaskError):
    """The work at hand has used up its CPU seconds; says which work."""


class _Work(threading.local):
    """What this thread is at."""

    name = ""
    deadline = math.inf
    """In CPU seconds of this thread."""


_work = _Work()


def check_budget() -> None:
    """Raises OverBudgetError once the work at hand is over its budget.

    To be called wherever a text decides how long something takes.
    """
    if thread_time() > _work.deadline:
        raise OverBudgetError(f"{_work.name} took more than {CPU_SECONDS} s of processor time")


def within_budget(name: str, work: Callable[P, T]) -> Callable[P, T]:
    """Gives every call of `work` CPU_SECONDS, or what is left of them where it is part of other such work.

    `name` is the work's, such as "finding the code". A call over its budget raises OverBudgetError.
    """

    @wraps(work)
    def bounded(*args: P.args, **kwargs: P.kwargs) -> T:
        if _work.deadline < math.inf:
            return work(*args, **kwargs)
        _work.name, _work.deadline = name, thread_time() + CPU_SECONDS
        try:
            return work(*args, **kwargs)
        finally:
            _work.deadline = math.inf

    return bounded


def bounded_extraction(extract: Callable[P, Extraction]) -> Callable[P, Extraction]:
    """An extraction that is over its budget finds no code, with the reason."""
    bounded = within_budget("finding the code", extract)

    @wraps(extract)
    def found(*args: P.args, **kwargs: P.kwargs) -> Extraction:
        try:
            return bounded(*args, **kwargs)
        except OverBudgetError as error:
            return Extraction("", "over budget", str(error))

    return found


def bounded_assembly(assemble: Callable[P, T]) -> Callable[P, T]:
    """Putting a program together over its budget raises OverBudgetError."""
    return within_budget("putting the program together", assemble)
