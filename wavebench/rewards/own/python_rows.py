"""Rows with assertions or calls in Python, and test programs in other languages, as a `Task`."""
# ruff: noqa: ARG002 - the protocol's shape

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sandbox.languages import language
from sandbox.outcome import Ending, Outcome
from sandbox.program import Program
from tasks.extraction.python import extract_python
from tasks.families import Family
from tasks.judgement import judge_ending, judge_python
from tasks.prompt import Prompt
from tasks.split_tests import split_tests
from tasks.task import AnswerForm, DataOrigin, Extraction
from tasks.verdict import Judgement, Verdict
from wavebench.rewards.own.extraction import extract_program
from wavebench.rewards.own.rows import OwnRow

_FIRST_NAME = re.compile(r"\bassert\s+(?:not\s+)?([A-Za-z_]\w*)\s*\(")
_PLAIN = """
def _plain(value):
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return value
"""
"""Expected values come from JSON, which has no tuples."""


@dataclass(frozen=True)
class OwnRowsTask:
    """Own rows as the problems of a task; see `tasks.task.Task`."""

    problems: Sequence[OwnRow]
    name: str = "own rows"
    version: str = "1"
    fingerprint: str = ""
    style: str = "chat"
    style_sha256: str = ""
    origin: DataOrigin = field(default_factory=lambda: DataOrigin("rows of the caller", "the caller's"))
    family: Family | None = None
    unsound: Mapping[str, str] = field(default_factory=lambda: dict[str, str]())

    def prompt(self, problem: OwnRow, answers: Sequence[str]) -> Prompt | None:
        """A row's words are the trainer's: here an answer is all that counts."""
        return None if answers else Prompt(text=problem.prompt)

    def extract(self, problem: OwnRow, answers: Sequence[str], form: AnswerForm = AnswerForm.AUTO) -> Extraction:
        name = _entry_point(problem)
        if problem.language != "python" or not name:
            return extract_program(answers[-1], problem.language, form)
        return extract_python(answers[-1], problem.prompt, name, form)

    def program(self, problem: OwnRow, code: str, form: AnswerForm = AnswerForm.AUTO) -> Program:
        row = language(problem.language)
        lines = list(problem.tests)
        if not lines:
            for call in problem.calls:
                args = [*map(repr, call.args), *(f"{name}={value!r}" for name, value in call.kwargs.items())]
                called = f"{problem.entry_point}({', '.join(args)})"
                lines.append(f"assert _plain({called}) == _plain({call.expected!r}), {called!r}")
        tests = ("" if problem.tests else _PLAIN) + "\n".join(lines)
        above = f"{problem.setup}\n" if problem.setup else ""
        text = f"{above}{code}\n{tests}\n"
        split = None
        if row.in_process:
            split = split_tests(above + code, above, f"{tests}\n", _entry_point(problem))
        return Program(row.name, {row.main_file: text}, limits=row.limits, split=split)

    def verdict(self, problem: OwnRow, outcome: Outcome) -> Judgement:
        if problem.language == "python":
            return judge_python(outcome)
        if outcome.ending is not Ending.EXITED:
            return judge_ending(outcome)
        if outcome.finished and outcome.exit_code == 0:
            return Judgement(Verdict.PASSED)
        return Judgement(Verdict.WRONG, f"ended with exit code {outcome.exit_code}")

    def reference(self, problem: OwnRow) -> str:
        """Own rows have none: this one only has the right shape."""
        return f"def {_entry_point(problem) or 'answer'}(*_, **__): ...\n"


def _entry_point(problem: OwnRow) -> str:
    """The function asked for: the row's own, else the first that the assertions call."""
    if problem.entry_point or not problem.tests:
        return problem.entry_point
    found = _FIRST_NAME.search("\n".join(problem.tests))
    return found[1] if found else ""
