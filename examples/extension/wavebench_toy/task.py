"""Three functions to write in the shell's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.outcome import Outcome
from sandbox.program import Limits, Program
from tasks.benchmark import Benchmark
from tasks.errors import unknown
from tasks.extraction.fences import fenced_blocks
from tasks.judgement import judge_python
from tasks.prompt import Message, Prompt
from tasks.styles.style import Style
from tasks.task import AnswerForm, DataOrigin, Extraction
from tasks.verdict import Judgement

VERSION = "1"
"""Raised whenever a change here may move a score."""

ORIGIN = DataOrigin("wavebench's own example", "Apache-2.0")
CHAT = Style(
    name="chat",
    about="Asks for the function in a fenced block.",
    messages=(Message("user", "Write, for a POSIX shell, {text}. Reply with the function in a ```sh block."),),
)


@dataclass(frozen=True, slots=True)
class ToyProblem:
    """One function to write."""

    task_id: str
    text: str
    solution: str
    test: str
    language: str = "sh"


PROBLEMS = (
    ToyProblem(
        "toy/0",
        "a function `add` that prints the sum of its two arguments",
        "add() { echo $(($1 + $2)); }",
        '[ "$(add 1 2)" = 3 ] || exit 1',
    ),
    ToyProblem(
        "toy/1",
        "a function `count` that prints how many arguments it is given",
        "count() { echo $#; }",
        '[ "$(count a b c)" = 3 ] || exit 1',
    ),
    ToyProblem(
        "toy/2",
        "a function `last` that prints its last argument",
        "last() { for each; do :; done; echo $each; }",
        '[ "$(last a b)" = b ] || exit 1',
    ),
)


@dataclass(frozen=True, slots=True)
class Toy:
    """The task in one prompt style."""

    wording: Style
    name: str = "toy"
    version: str = VERSION
    fingerprint: str = "toy-1"
    problems: Sequence[ToyProblem] = PROBLEMS
    origin: DataOrigin = ORIGIN
    family: None = None

    @property
    def style(self) -> str:
        return self.wording.name

    @property
    def style_sha256(self) -> str:
        return self.wording.sha256

    @property
    def unsound(self) -> Mapping[str, str]:
        return {}

    def prompt(self, problem: ToyProblem, answers: Sequence[str]) -> Prompt | None:
        return None if answers else self.wording.prompt({"text": problem.text})

    def extract(self, problem: ToyProblem, answers: Sequence[str], form: AnswerForm = AnswerForm.AUTO) -> Extraction:
        """The first fenced block; samples made elsewhere are taken as they are."""
        if form is not AnswerForm.AUTO:
            return Extraction(answers[-1], "program")
        blocks = fenced_blocks(answers[-1])
        return Extraction(blocks[0].code, "fence") if blocks else Extraction("", "no code found")

    def program(self, problem: ToyProblem, code: str, form: AnswerForm = AnswerForm.AUTO) -> Program:
        return Program("sh", {"main.sh": f"{code}\n{problem.test}\n"}, limits=Limits(cpu_seconds=2, wall_seconds=4))

    def verdict(self, problem: ToyProblem, outcome: Outcome) -> Judgement:
        """The usual rule for a program that ends in its tests: it passes if it reached its last line."""
        return judge_python(outcome)

    def reference(self, problem: ToyProblem) -> str:
        return problem.solution


def load_toy(style: str | None, data_dir: Path | None, split: str | None, data_file: Path | None) -> Toy:
    """The task in its one prompt style and split; its problems are here, so a data folder changes nothing."""
    if style not in (None, CHAT.name):
        raise unknown("prompt style of toy", style or "", (CHAT.name,))
    return Toy(CHAT)


TOY = Benchmark(name="toy", load=load_toy, version=VERSION, splits=("test",))
