"""HumanEval-Pro and MBPP-Pro as tasks, each in one prompt style."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.outcome import Outcome
from sandbox.program import Program
from tasks import families
from tasks.codeeval_pro.dataset import HUMANEVAL_PRO, VERSION
from tasks.data.canonical import fingerprint
from tasks.data.dataset import DataSet
from tasks.data.own.rows import own_rows
from tasks.data.resolve import load_rows
from tasks.extraction.python import extract_python
from tasks.families import Family
from tasks.judgement import judge_python
from tasks.prompt import Prompt
from tasks.split_tests import split_tests
from tasks.styles.style import Style, load_style
from tasks.task import AnswerForm, DataOrigin, Extraction
from tasks.verdict import Judgement

_HEAD = re.compile(r"^\s*(?:async\s+)?(?:def|class)\s+(\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ProProblem:
    """Two functions to write, of which the second calls the first."""

    task_id: str
    raw_problem: str
    raw_solution: str
    """Continues the former."""
    new_problem: str
    new_solution: str
    test_code: str
    """Calls the second function."""
    language: str = "python"

    @property
    def entry_point(self) -> str:
        """The second function's name."""
        heads = _HEAD.findall(self.new_problem) or _HEAD.findall(self.new_problem + self.new_solution)
        return heads[-1] if heads else ""

    @property
    def fields(self) -> dict[str, str]:
        """What a prompt style may name."""
        return {
            "raw_problem": self.raw_problem.strip(),
            "new_problem": self.new_problem.strip(),
            "entry_point": self.entry_point,
        }


@dataclass(frozen=True, slots=True)
class ProTask:
    """One of the two benchmarks in one prompt style."""

    name: str
    wording: Style
    problems: Sequence[ProProblem]
    fingerprint: str
    origin: DataOrigin
    family: Family | None
    unsound: Mapping[str, str] = field(default_factory=lambda: dict[str, str]())
    version: str = VERSION

    @property
    def style(self) -> str:
        return self.wording.name

    @property
    def style_sha256(self) -> str:
        return self.wording.sha256

    def prompt(self, problem: ProProblem, answers: Sequence[str]) -> Prompt | None:
        return None if answers else self.wording.prompt(problem.fields)

    def extract(self, problem: ProProblem, answers: Sequence[str], form: AnswerForm = AnswerForm.AUTO) -> Extraction:
        """The program in the answer. A continuation goes on behind the first problem, as CodeEval-Pro's own do."""
        answer = answers[-1]
        if form in (AnswerForm.CONTINUATION, AnswerForm.FITTED):
            return Extraction(f"{problem.raw_problem.strip()}\n{answer}", "continuation")
        if form is AnswerForm.AUTO:
            answer = self.wording.whole_answer(answer, problem.fields)
        return extract_python(answer, "", problem.entry_point, form, self.wording.stop, self.wording.answer)

    def program(self, problem: ProProblem, code: str, form: AnswerForm = AnswerForm.AUTO) -> Program:  # noqa: ARG002
        """The answer, then the assertions."""
        split = split_tests(code, "", problem.test_code, problem.entry_point)
        return Program("python", {"main.py": f"{code}\n{problem.test_code}"}, split=split)

    def verdict(self, problem: ProProblem, outcome: Outcome) -> Judgement:  # noqa: ARG002 (the protocol's shape)
        return judge_python(outcome)

    def reference(self, problem: ProProblem) -> str:
        return f"{problem.raw_problem}{problem.raw_solution}\n{problem.new_problem}{problem.new_solution}"


def load_pro(
    dataset: DataSet, style: str | None = None, data_dir: Path | None = None, data_file: Path | None = None
) -> ProTask:
    """The task from its known rows, or from a file of your own problems in CodeEval-Pro's format."""
    rows = own_rows(dataset, data_file) if data_file else load_rows(dataset, data_dir)
    prefix = families.HUMANEVAL_PRO_IDS if dataset is HUMANEVAL_PRO else "MbppPro"
    problems = tuple(
        ProProblem(**{**{key: str(value) for key, value in row.items()}, "task_id": f"{prefix}/{row['task_id']}"})
        for row in rows
    )
    return ProTask(
        name=dataset.name,
        wording=load_style("codeeval-pro", style),
        problems=problems,
        fingerprint=fingerprint(rows),
        origin=DataOrigin(str(data_file or dataset.source), dataset.licence, dataset.citation),
        # MBPP-Pro's ids are its own; HumanEval-Pro's are those of HumanEval's problems
        family=families.HUMANEVAL if dataset is HUMANEVAL_PRO else None,
    )
