"""One line of verdicts.jsonl: a sample's verdict with the facts that led to it."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from harness.json_lines import JsonLines
from sandbox.outcome import Ending, Outcome
from tasks.verdict import Judgement, Verdict

STDERR_CHARACTERS = 2_000
"""How much of a program's last words is kept for the report."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One sample after judging. Of several lines with one key the last counts."""

    task_id: str
    sample: int
    verdict: Verdict
    detail: str
    ending: Ending | None
    """None when nothing had to run."""
    cpu_seconds: float
    wall_seconds: float
    memory_mb: float
    program_sha256: str
    """Empty when nothing had to run."""
    confirmed: bool | None = None
    """Whether the pass also held with the tests apart from the candidate; None when that was not tried."""
    stderr: str = ""


def judged_by_running(task_id: str, sample: int, program_sha256: str, outcome: Outcome, judgement: Judgement) -> Judged:
    """The line of a sample that ran."""
    return Judged(
        task_id,
        sample,
        judgement.verdict,
        judgement.detail,
        outcome.ending,
        round(outcome.cpu_seconds, 6),
        round(outcome.wall_seconds, 6),
        round(outcome.memory_mb, 3),
        program_sha256,
        judgement.confirmed,
        stderr=outcome.stderr[-STDERR_CHARACTERS:],
    )


def judged_without_running(task_id: str, sample: int, judgement: Judgement) -> Judged:
    """The line of a sample that holds nothing to run."""
    return Judged(task_id, sample, judgement.verdict, judgement.detail, None, 0.0, 0.0, 0.0, "")


class Mark(msgspec.Struct, frozen=True):
    """The part of a line that scoring needs."""

    task_id: str
    sample: int
    verdict: Verdict
    confirmed: bool | None = None


def read_marks(path: Path) -> dict[tuple[str, int], Mark]:
    """The last word on every sample that has one, a few dozen bytes each."""
    return {(mark.task_id, mark.sample): mark for _, mark in JsonLines(path, Mark).read()}


def index_judged(lines: JsonLines[Judged]) -> dict[tuple[str, int], int]:
    """Where the last word on every sample begins in the file, for `read_at`."""
    return {(mark.task_id, mark.sample): begin for begin, mark in JsonLines(lines.path, Mark).read()}
