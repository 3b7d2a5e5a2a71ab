"""One line of verdicts.jsonl: a sample's verdict with the facts that led to it."""

import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec

from harness.files.json_lines import JsonLines
from sandbox.outcome import Confirmation, Ending, Outcome
from tasks.verdict import Judgement, Verdict

STDERR_CHARACTERS = 2_000
"""How much of a program's last words is kept for the report."""


@dataclass(frozen=True, slots=True)
class FailingTest:
    """An assertion that did not hold, as far as the tests tell; texts are bounded."""

    call: str
    """The candidate's last call before it, such as "f(1, 2)"."""
    expected: str
    """A value, or what was asserted."""
    got: str


@dataclass(frozen=True, slots=True)
class VerdictRecord:
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
    """Of the program as the task builds it; empty when nothing had to run."""
    confirmed: bool | None = None
    """Whether the pass also held with the tests apart from the candidate; None when that could not be determined."""
    rule: str = ""
    """How the code was found in the answer, such as "fence" or "continuation"."""
    stderr: str = ""
    node: str = ""
    """Which machine of a cluster ran it; empty for the one that judged."""
    apart: Confirmation | None = None
    """What the tests said apart from the candidate, whatever came of the whole program; None where they did not run."""
    apart_detail: str = ""
    base: bool | None = None
    """Of benchmarks that add tests to those of another: whether these alone held; None for all others."""
    tests: int | None = None
    """Assertions that the tests apart from the candidate came to, at most 1,000, or their inputs; None where they tell
    none."""
    tests_held: int | None = None
    """How many of them held."""
    failing: FailingTest | None = None
    """The first that did not hold."""


def record_of_outcome(
    task_id: str, sample: int, program_sha256: str, rule: str, outcome: Outcome, judgement: Judgement
) -> VerdictRecord:
    """The line of a sample that ran."""
    tests = outcome.assertions
    told = (len(tests), sum(test.held for test in tests)) if tests else (None, None)
    if judgement.tests is not None:
        told = judgement.tests, judgement.tests_held
    failing = judgement.failing or next((test for test in tests if not test.held), None)
    return VerdictRecord(
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
        rule,
        stderr=outcome.stderr[-STDERR_CHARACTERS:],
        node=outcome.node,
        apart=outcome.confirmation,
        apart_detail=outcome.confirmation_detail,
        base=judgement.base,
        tests=told[0],
        tests_held=told[1],
        failing=FailingTest(failing.call, failing.expected, failing.got) if failing else None,
    )


def record_without_outcome(task_id: str, sample: int, rule: str, judgement: Judgement) -> VerdictRecord:
    """The line of a sample that holds nothing to run."""
    return VerdictRecord(task_id, sample, judgement.verdict, judgement.detail, None, 0.0, 0.0, 0.0, "", rule=rule)


class VerdictSummary(msgspec.Struct, frozen=True):
    """The part of a line that scoring needs."""

    task_id: str
    sample: int
    verdict: Verdict
    confirmed: bool | None = None
    detail: str = ""
    """Of passes only: why one could not be confirmed."""
    apart: Confirmation | None = None
    """Of what was not judged only, like the next: a sample that is judged again keeps the word of its first judging."""
    apart_detail: str = ""
    base: bool | None = None
    tests: int | None = None
    tests_held: int | None = None
    failing: FailingTest | None = None
    """Like `apart`."""


def read_summaries(path: Path) -> dict[tuple[str, int], VerdictSummary]:
    """The last word on every sample that has one, a few dozen bytes each."""
    found: dict[tuple[str, int], VerdictSummary] = {}
    for _, mark in JsonLines(path, VerdictSummary).read():
        key = (sys.intern(mark.task_id), mark.sample)
        if mark.verdict is Verdict.NOT_JUDGED:
            found[key] = mark
            continue
        # Without what only the line's own reader needs; equal texts share one place in memory.
        detail = sys.intern(mark.detail) if mark.verdict is Verdict.PASSED else ""
        found[key] = VerdictSummary(
            key[0],
            mark.sample,
            mark.verdict,
            mark.confirmed,
            detail,
            base=mark.base,
            tests=mark.tests,
            tests_held=mark.tests_held,
        )
    return found


def index_verdicts(lines: JsonLines[VerdictRecord]) -> dict[tuple[str, int], int]:
    """Where the last word on every sample begins in the file, for `read_at`."""
    return {(mark.task_id, mark.sample): begin for begin, mark in JsonLines(lines.path, VerdictSummary).read()}
