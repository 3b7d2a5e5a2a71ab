"""A task of our own that is not installed: one function to write, in as many turns as wanted."""
# ruff: noqa: ARG002 - the protocol's shape

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sandbox.outcome import Outcome
from sandbox.program import Program
from tasks.extraction.python import extract_python
from tasks.judgement import judge_python
from tasks.prompt import Message, Prompt
from tasks.task import AnswerForm, DataOrigin, Extraction
from tasks.verdict import Judgement


@dataclass(frozen=True)
class Greeting:
    task_id: str
    tests: str
    language: str = "python"


@dataclass(frozen=True)
class Greetings:
    turns: int = 1
    name: str = "greetings"
    version: str = "1"
    fingerprint: str = "f" * 64
    style: str = "chat"
    style_sha256: str = "5" * 64
    origin: DataOrigin = field(default_factory=lambda: DataOrigin("here", "CC0-1.0"))
    family: None = None
    unsound: Mapping[str, str] = field(default_factory=lambda: dict[str, str]())
    problems: Sequence[Greeting] = (
        Greeting("greet/0", "assert greet('Ada') == 'Hi Ada'"),
        Greeting("greet/1", "assert greet('Bo') == 'Hi Bo'"),
    )

    def prompt(self, problem: Greeting, answers: Sequence[str]) -> Prompt | None:
        if len(answers) >= self.turns:
            return None
        return Prompt(messages=(Message("system", "Code."), Message("user", f"Turn {len(answers)}: {problem.tests}")))

    def extract(self, problem: Greeting, answers: Sequence[str], form: AnswerForm = AnswerForm.AUTO) -> Extraction:
        return extract_python(answers[-1], "", "greet", form)

    def program(self, problem: Greeting, code: str, form: AnswerForm = AnswerForm.AUTO) -> Program:
        return Program("python", {"main.py": f"{code}\n{problem.tests}\n"})

    def verdict(self, problem: Greeting, outcome: Outcome) -> Judgement:
        return judge_python(outcome)

    def reference(self, problem: Greeting) -> str:
        return "def greet(name):\n    return 'Hi ' + name\n"
