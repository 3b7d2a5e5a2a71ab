"""The audit: what a reward function pays for answers whose worth is known, on a quiet and on a busy machine."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wavebench.rewards.audit.corpus import AnswerKind, KnownAnswer
from wavebench.rewards.audit.function import AskReward, Rewards

BATCH = 64
"""Answers in one call, as in a training step."""
PAID = 0.5
"""A reward of at least so much is for a right answer."""
_SPIN = "while True: pass"


@dataclass(frozen=True, slots=True)
class PaidAnswer:
    """One answer, and what was paid for it."""

    kind: AnswerKind
    name: str
    task_id: str
    quiet: float | None
    """On the quiet machine; None where there was no number."""
    busy: float | None


@dataclass(frozen=True, slots=True)
class Audit:
    """What came out. The four counts of a sound reward are 0."""

    answers: int
    references: int
    wrong: int
    forgeries: int
    busy_processes: int
    false_positives: int
    """Wrong answers and forgeries that were paid at least once."""
    false_negatives: int
    """References that were judged and not paid at least once."""
    flips: int
    """Answers that were paid on one of the machines only."""
    lost: int
    """Answers without a number at least once: None, no number, or the function raised."""
    mean_of_references: float
    """Mean reward of references on the busy machine; what has no number counts as 0, as in most trainers."""
    findings: tuple[PaidAnswer, ...]
    """The answers behind the counts."""

    @property
    def sound(self) -> bool:
        """Whether all four counts are 0."""
        return not (self.false_positives or self.false_negatives or self.flips or self.lost)


def audit(
    ask: AskReward, answers: Sequence[KnownAnswer], busy_processes: int, advance: Callable[[], None] = lambda: None
) -> Audit:
    """Pays for all answers twice, the second time beside processes that compute. `advance` is told of each batch."""
    quiet = _ask_in_batches(ask, answers, advance)
    spinning = [subprocess.Popen([sys.executable, "-c", _SPIN]) for _ in range(busy_processes)]
    try:
        busy = _ask_in_batches(ask, answers, advance)
    finally:
        for process in spinning:
            process.kill()
            process.wait()
    paid = [
        PaidAnswer(answer.kind, answer.name, answer.problem.task_id, one, other)
        for answer, one, other in zip(answers, quiet, busy, strict=True)
    ]
    right = [each for each in paid if each.kind is AnswerKind.REFERENCE]
    false_positives = [each for each in paid if each not in right and any(map(_is_paid, _both(each)))]
    # No number is no wrong payment: those are the lost ones.
    false_negatives = [each for each in right if any(value is not None and value < PAID for value in _both(each))]
    flips = [each for each in paid if None not in _both(each) and _is_paid(each.quiet) != _is_paid(each.busy)]
    lost = [each for each in paid if None in _both(each)]
    findings = dict.fromkeys([*false_positives, *false_negatives, *flips, *lost])
    return Audit(
        answers=len(paid),
        references=len(right),
        wrong=sum(each.kind is AnswerKind.WRONG for each in paid),
        forgeries=sum(each.kind is AnswerKind.FORGERY for each in paid),
        busy_processes=busy_processes,
        false_positives=len(false_positives),
        false_negatives=len(false_negatives),
        flips=len(flips),
        lost=len(lost),
        mean_of_references=sum(each.busy or 0.0 for each in right) / len(right),
        findings=tuple(findings),
    )


def _both(paid: PaidAnswer) -> tuple[float | None, float | None]:
    return paid.quiet, paid.busy


def _is_paid(value: float | None) -> bool:
    return value is not None and value >= PAID


def _ask_in_batches(ask: AskReward, answers: Sequence[KnownAnswer], advance: Callable[[], None]) -> Rewards:
    rewards: Rewards = []
    for begin in range(0, len(answers), BATCH):
        rewards += ask(answers[begin : begin + BATCH])
        advance()
    return rewards
