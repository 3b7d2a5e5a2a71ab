"""Adds a task: two problems of our own, how they are asked, and which program judges an answer.

python examples/add_a_task.py
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

import wavebench
from sandbox.outcome import Outcome
from sandbox.program import Limits, Program
from tasks.extraction.python import extract_python
from tasks.judgement import judge_python
from tasks.prompt import Message, Prompt
from tasks.task import AnswerForm, DataOrigin, Extraction
from tasks.verdict import Judgement

ORIGIN = DataOrigin(source="written for this example", licence="CC0-1.0")
WORDING = "Write the Python function `{name}` that returns {wanted}. Answer with one fenced block of code."


@dataclass(frozen=True)
class OneLiner:
    """One problem. Every problem has `task_id` and `language`; the rest is the task's own."""

    task_id: str
    name: str
    wanted: str
    tests: str
    solution: str
    language: str = "python"


PROBLEMS = (
    OneLiner(
        "oneliners/0",
        name="shout",
        wanted="the text in capitals, with an exclamation mark",
        tests="assert shout('hey') == 'HEY!'\nassert shout('') == '!'",
        solution="def shout(text):\n    return text.upper() + '!'\n",
    ),
    OneLiner(
        "oneliners/1",
        name="evens",
        wanted="the even numbers of a list, in their order",
        tests="assert evens([1, 2, 4]) == [2, 4]\nassert evens([]) == []",
        solution="def evens(numbers):\n    return [n for n in numbers if n % 2 == 0]\n",
    ),
)


def sha256(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class OneLiners:
    """The task. It has the members of `wavebench.Task`; there is no class to inherit from."""

    name: str = "oneliners"
    version: str = "1"
    style: str = "chat"
    problems: Sequence[OneLiner] = PROBLEMS
    origin: DataOrigin = ORIGIN
    family: None = None
    unsound: Mapping[str, str] = field(default_factory=lambda: dict[str, str]())

    @property
    def fingerprint(self) -> str:
        return sha256([asdict(problem) for problem in self.problems])

    @property
    def style_sha256(self) -> str:
        return sha256(WORDING)

    def prompt(self, problem: OneLiner, answers: Sequence[str]) -> Prompt | None:
        """One turn: when there is an answer, the sample is complete."""
        if answers:
            return None
        return Prompt(messages=(Message("user", WORDING.format(name=problem.name, wanted=problem.wanted)),))

    def extract(self, problem: OneLiner, answers: Sequence[str], form: AnswerForm = AnswerForm.AUTO) -> Extraction:
        return extract_python(answers[-1], "", problem.name, form)

    def program(self, problem: OneLiner, code: str, form: AnswerForm = AnswerForm.AUTO) -> Program:  # noqa: ARG002
        return Program(
            "python", {"main.py": f"{code}\n{problem.tests}\n"}, limits=Limits(cpu_seconds=5, wall_seconds=20)
        )

    def verdict(self, problem: OneLiner, outcome: Outcome) -> Judgement:  # noqa: ARG002
        return judge_python(outcome)

    def reference(self, problem: OneLiner) -> str:
        return problem.solution


def model(prompts: list[list[dict[str, str]]]) -> list[str]:
    """Stands for a model of your own: one text per prompt. This one only knows how to shout."""
    return [f"```python\n{PROBLEMS[0].solution}```" for _ in prompts]


def main() -> None:
    task = OneLiners()
    references = wavebench.judge(
        [task.reference(problem) for problem in task.problems],
        [problem.task_id for problem in task.problems],
        task=task,
        form="program",
    )
    print("reference solutions:", ", ".join(f"{each.task_id} {each.verdict}" for each in references))
    score = wavebench.evaluate(model, task=task)
    print(f"pass@1 = {score.pass_rates[1].value:.2f} of {score.n_problems} problems")


if __name__ == "__main__":
    main()
