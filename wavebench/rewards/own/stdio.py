"""Programs that read stdin and print: what they should print never comes near them."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from harness.runs.verdict_log import FailingTest
from sandbox.outcome import Ending
from sandbox.program import Program
from sandbox.sandbox import Sandbox
from tasks.judgement import judge_ending
from tasks.task import AnswerForm
from tasks.verdict import Verdict
from wavebench.rewards.grade import Grade
from wavebench.rewards.own.programs import answered_programs, last_words, program_files
from wavebench.rewards.own.rows import OwnRow

_RELATIVE = 1e-5
"""By how much a printed number may be off, as in SandboxFusion's CommonOJ."""


def grade_stdio(
    sandbox: Sandbox, answers: Sequence[str], rows: Sequence[OwnRow], form: AnswerForm, limits: Mapping[str, Any]
) -> list[Grade]:
    """One grade per answer; each case is a run of its own."""
    grades: dict[int, Grade] = {}
    cases: dict[int, list[Grade]] = {}
    for (place, number), outcome in sandbox.run(_programs(answers, rows, form, limits, grades)):
        case = rows[place].stdio[number]
        if outcome.ending is not Ending.EXITED:
            judgement = judge_ending(outcome)
            grade = Grade(judgement.verdict, judgement.detail)
        elif outcome.exit_code != 0:
            grade = Grade(Verdict.ERROR, last_words(outcome))
        elif not same_output(outcome.stdout, case.stdout):
            printed, expected = repr(outcome.stdout[:100]), repr(case.stdout[:100])
            failing = FailingTest(f"stdin {case.stdin[:100]!r}", expected, printed)
            grade = Grade(Verdict.WRONG, f"printed {printed}, expected {expected}", failing=failing)
        else:
            grade = Grade(Verdict.PASSED, confirmed=True)
        cases.setdefault(place, []).append(grade)
    return [grades[place] if place in grades else _together(cases[place]) for place in range(len(answers))]


def same_output(printed: str, expected: str) -> bool:
    """Whether the same words stand on each line; numbers with a point may differ by 1e-5 of their size.

    Blanks at the end of a line and blank lines at the end do not count.
    """
    ours, theirs = printed.rstrip().splitlines(), expected.rstrip().splitlines()
    return len(ours) == len(theirs) and all(map(_same_line, ours, theirs))


def _same_line(one: str, other: str) -> bool:
    if one.rstrip() == other.rstrip():
        return True
    words, others = one.split(), other.split()
    return len(words) == len(others) and all(map(_same_word, words, others))


def _same_word(one: str, other: str) -> bool:
    if one == other:
        return True
    if "." not in other and "e" not in other.lower():
        return False
    try:
        return math.isclose(float(one), float(other), rel_tol=_RELATIVE, abs_tol=1e-9)
    except ValueError:
        return False


def _programs(
    answers: Sequence[str],
    rows: Sequence[OwnRow],
    form: AnswerForm,
    limits: Mapping[str, Any],
    grades: dict[int, Grade],
) -> Iterator[tuple[tuple[int, int], Program]]:
    """One program for each case; grades that need none go to `grades`."""
    for place, own, row, code in answered_programs(answers, rows, form, grades):
        for number, case in enumerate(own.stdio):
            limited = replace(row.limits, **limits)
            yield (place, number), Program(row.name, program_files(row, code), case.stdin, limited)


def _together(cases: Sequence[Grade]) -> Grade:
    """The first failure. A case that could not be judged leaves the answer unjudged, unless another case failed."""
    failed = [case for case in cases if case.verdict is not Verdict.PASSED]
    if not failed:
        return Grade(Verdict.PASSED, confirmed=True, share=1.0, tests=len(cases), tests_held=len(cases))
    judged = [case for case in failed if case.judged]
    if not judged:
        return failed[0]
    if len(judged) < len(failed):
        return judged[0]
    held = len(cases) - len(failed)
    return replace(judged[0], share=held / len(cases), tests=len(cases), tests_held=held)
