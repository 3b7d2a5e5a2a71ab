"""MBPP as a task: whole (974 rows) or sanitized (427), one split in one prompt style."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sandbox.outcome import Outcome
from sandbox.program import Program
from tasks import families
from tasks.data.canonical import fingerprint
from tasks.data.dataset import DataSet, Row
from tasks.data.own.rows import own_rows
from tasks.data.resolve import load_rows
from tasks.extraction.candidates import Asked
from tasks.extraction.one_block import one_block
from tasks.extraction.python import extract_python
from tasks.extraction.upstream import mbpp_upstream
from tasks.families import Family
from tasks.judgement import judge_python
from tasks.mbpp.dataset import SPLITS, VERSION
from tasks.mbpp.notes import unsound
from tasks.policy import ExtractionPolicy
from tasks.prompt import Prompt
from tasks.split_tests import split_tests
from tasks.styles.style import Style, load_style
from tasks.task import AnswerForm, DataOrigin, Extraction
from tasks.verdict import Judgement


@dataclass(frozen=True, slots=True)
class MbppProblem:
    """One problem. `tests` are the assertions in use: the usual or the challenge list."""

    task_id: str
    """Mbpp/ID, as EvalPlus spells it."""
    text: str
    code: str
    """The benchmark's own solution."""
    tests: tuple[str, ...]
    setup: str
    """Runs after the solution, since it may use it (367 and 927 build objects of the solution's class)."""
    imports: tuple[str, ...]
    """What the sanitized tests import."""
    challenge_tests: tuple[str, ...]
    language: str = "python"

    @property
    def number(self) -> int:
        return int(self.task_id.rpartition("/")[2])

    @property
    def entry_point(self) -> str:
        """The first name that the solution defines and a test mentions."""
        defined = re.findall(r"^(?:def|class)\s+(\w+)", self.code, re.MULTILINE)
        wanted = re.findall(r"\w+", " ".join([*self.tests, self.setup]))
        return next((name for name in wanted if name in defined), defined[-1] if defined else "")

    @property
    def fields(self) -> dict[str, str]:
        """What a prompt style may name."""
        return {
            "text": self.text,
            "tests": "\n".join(self.tests),
            "first_test": self.tests[0],
            "entry_point": self.entry_point,
            "code": self.code,
        }


@dataclass(frozen=True, slots=True)
class Mbpp:
    """MBPP in one prompt style."""

    name: str
    wording: Style
    problems: Sequence[MbppProblem]
    shots: str
    """The worked examples of a few-shot style; empty for the others."""
    fingerprint: str
    origin: DataOrigin
    unsound: Mapping[str, str] = field(default_factory=lambda: dict[str, str]())
    version: str = VERSION
    family: Family | None = families.MBPP
    extraction: ExtractionPolicy = ExtractionPolicy.ROBUST

    @property
    def style(self) -> str:
        return self.wording.name

    @property
    def style_sha256(self) -> str:
        return self.wording.sha256

    def under(self, policy: ExtractionPolicy) -> "Mbpp":
        return replace(self, extraction=policy)

    def prompt(self, problem: MbppProblem, answers: Sequence[str]) -> Prompt | None:
        return None if answers else self.wording.prompt({**problem.fields, "shots": self.shots})

    def extract(self, problem: MbppProblem, answers: Sequence[str], form: AnswerForm = AnswerForm.AUTO) -> Extraction:
        """The program in the answer. MBPP's prompts hold no code, so a continuation is a whole program too."""
        wording, answer = self.wording, answers[-1]
        if form is AnswerForm.AUTO:
            answer = wording.whole_answer(answer, problem.fields)
        if form is not AnswerForm.AUTO or self.extraction is ExtractionPolicy.ROBUST:
            return extract_python(answer, "", problem.entry_point, form, wording.stop, wording.answer)
        if self.extraction is not ExtractionPolicy.UPSTREAM:
            return one_block(answer, Asked("", problem.entry_point, problem.language), self.extraction, wording.answer)
        bigcode = load_style("mbpp", "incoder0")
        return mbpp_upstream((bigcode.text or "").format_map(problem.fields), answer, wording.stop or bigcode.stop)

    def program(self, problem: MbppProblem, code: str, form: AnswerForm = AnswerForm.AUTO) -> Program:  # noqa: ARG002
        """Imports of the tests, solution, set-up code, assertions, in this order."""
        imports = _joined(*problem.imports)
        tests = _joined(problem.setup, *problem.tests)
        whole = _joined(*problem.imports, code, tests)
        split = split_tests(_joined(imports, code), imports, tests, problem.entry_point)
        return Program("python", {"main.py": whole}, split=split)

    def verdict(self, problem: MbppProblem, outcome: Outcome) -> Judgement:  # noqa: ARG002 (the protocol's shape)
        return judge_python(outcome)

    def reference(self, problem: MbppProblem) -> str:
        return problem.code


def load_mbpp(
    dataset: DataSet,
    style: str | None = None,
    data_dir: Path | None = None,
    split: str | None = None,
    data_file: Path | None = None,
) -> Mbpp:
    """The split's problems of one of MBPP's data sets; without `split` ids 11-510, or all of a file of your own."""
    rows = own_rows(dataset, data_file) if data_file else load_rows(dataset, data_dir)
    problems = tuple(
        MbppProblem(
            task_id=f"Mbpp/{row['task_id']}",
            text=str(row.get("text", row.get("prompt"))),
            code=str(row["code"]),
            tests=_lines(row, "test_list"),
            setup=str(row.get("test_setup_code", "")),
            imports=_lines(row, "test_imports"),
            challenge_tests=_lines(row, "challenge_test_list"),
        )
        for row in rows
    )
    chosen = split_of(problems, split or ("all" if data_file else "test"))
    ids = {problem.number for problem in chosen}
    wording = load_style("mbpp", style)
    known, chosen_ids = unsound(), {problem.task_id for problem in chosen}
    return Mbpp(
        name=dataset.name,
        wording=wording,
        problems=chosen,
        shots="\n\n".join(
            wording.shot.format_map(problem.fields) for problem in problems if problem.number in wording.shot_ids
        ),
        fingerprint=fingerprint([row for row in rows if row["task_id"] in ids]),
        origin=DataOrigin(str(data_file or dataset.source), dataset.licence, dataset.citation),
        # the challenge lists are other tests
        unsound={}
        if data_file or split == "challenge"
        else {each: why for each, why in known.items() if each in chosen_ids},
    )


def split_of(problems: Sequence[MbppProblem], split: str) -> tuple[MbppProblem, ...]:
    """The split's problems; `challenge` holds those with a challenge list, tested by that list."""
    chosen = tuple(problem for problem in problems if problem.number in SPLITS[split])
    if split != "challenge":
        return chosen
    return tuple(replace(problem, tests=problem.challenge_tests) for problem in chosen if problem.challenge_tests)


def _joined(*parts: str) -> str:
    return "\n".join(part for part in parts if part)


def _lines(row: Row, column: str) -> tuple[str, ...]:
    value = row.get(column, [])
    return tuple(value) if isinstance(value, list) else (str(value),)
