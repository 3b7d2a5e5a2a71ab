"""How much of a score cannot be forged: what the tests said in a process that never held the candidate."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from harness.runs.verdict_log import VerdictRecord, VerdictSummary
from tasks.judgement import UNCONFIRMED
from tasks.task import Task
from tasks.verdict import Verdict

NAMED_PROBLEMS = 100
"""How many problems score.json gives a reason for, and how many forged samples it names; the counts are whole."""
_NO_REASON = "judged before passes were confirmed"


class Confirming(StrEnum):
    """Whether a run's passes were confirmed."""

    TRIED = "tried"
    """Every pass was run again with the tests in a process that never holds the candidate."""
    OFF = "not tried"
    """The setting `confirm` was false."""
    IMPOSSIBLE = "not forgery-proof"
    """Some programs of the task cannot run their tests apart."""


@dataclass(frozen=True, slots=True)
class Confirmations:
    """What confirming made of the passes by the upstream protocol."""

    confirmed: int
    """Also passed with the tests in a process of their own."""
    forged: int
    """Did not pass there."""
    unconfirmed: int
    """Could not be confirmed: the tests need what plain values cannot carry."""
    forged_samples: Sequence[str]
    """The first of them."""
    unconfirmed_reasons: Mapping[str, str]
    """By task id, the reason of its first such sample; the first problems in the task's order."""


def confirming(task: Task[Any], asked: bool) -> Confirming:
    """Whether passes of the task can be confirmed; one problem of each language stands for all of it."""
    if not asked:
        return Confirming.OFF
    problems = {problem.language: problem for problem in reversed(task.problems)}.values()
    apart = (task.program(problem, task.reference(problem)).split for problem in problems)
    return Confirming.TRIED if all(apart) else Confirming.IMPOSSIBLE


def were_confirmed(marks: Iterable[VerdictSummary | VerdictRecord], asked: bool) -> bool:
    """Whether the verdicts show that passes were confirmed, for readers without the task at hand.

    Where nothing passed there is nothing to confirm, and the confirmed score is 0 either way.
    """
    passes = [mark for mark in marks if mark.verdict.passes_upstream]
    tried = (mark.confirmed is not None or mark.detail.startswith(UNCONFIRMED) for mark in passes)
    return asked and (not passes or any(tried))


def count_confirmations(marks: Iterable[VerdictSummary], task_ids: Sequence[str]) -> Confirmations:
    """Counts the passes among `marks`; `task_ids` gives the order in which problems are named."""
    # Sorted, so that the same verdicts in another order give the same bytes.
    places = {task_id: place for place, task_id in enumerate(task_ids)}
    passes = [mark for mark in marks if mark.verdict.passes_upstream]
    passes.sort(key=lambda mark: (places[mark.task_id], mark.sample))
    forged = [f"{mark.task_id} sample {mark.sample}" for mark in passes if mark.verdict is Verdict.FORGED]
    unconfirmed = [mark for mark in passes if mark.verdict is Verdict.PASSED and not mark.confirmed]
    reasons = {
        mark.task_id: mark.detail.removeprefix(UNCONFIRMED) or _NO_REASON
        for mark in reversed(unconfirmed)  # so that the first of a problem counts
    }
    named = [task_id for task_id in task_ids if task_id in reasons][:NAMED_PROBLEMS]
    counts = Counter(mark.confirmed for mark in passes)
    return Confirmations(
        confirmed=counts[True],
        forged=len(forged),
        unconfirmed=len(unconfirmed),
        forged_samples=forged[:NAMED_PROBLEMS],
        unconfirmed_reasons={task_id: reasons[task_id] for task_id in named},
    )
