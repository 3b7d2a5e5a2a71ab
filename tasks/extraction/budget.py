"""How much processor time one answer may cost: what a model says must never hold up the judge."""

import math
import threading
from collections.abc import Callable
from time import thread_time
from typing import TypeVar, TypeVarTuple

from tasks.errors import TaskError

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

CPU_SECONDS = 0.4
"""For finding the code in one answer, and again for putting its program together: a thousand times the usual."""


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


def within_budget(name: str, work: Callable[[*Ts], T], *args: *Ts) -> T:
    """`work(*args)` within CPU_SECONDS, or what is left of them where it is part of other such work.

    `name` is the work's, such as "finding the code". Raises OverBudgetError.
    """
    if _work.deadline < math.inf:
        return work(*args)
    _work.name, _work.deadline = name, thread_time() + CPU_SECONDS
    try:
        return work(*args)
    finally:
        _work.deadline = math.inf
