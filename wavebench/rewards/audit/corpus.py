"""Answers whose worth is known beforehand."""

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from tasks.task import Problem, Task
from wavebench.rewards.scale import RewardError

_TABLE = Path(__file__).with_name("answers.toml")


class AnswerKind(StrEnum):
    """What an answer is."""

    REFERENCE = "reference"
    """The benchmark's own solution: must be paid."""
    WRONG = "wrong"
    """Must not be paid."""
    FORGERY = "forgery"
    """Wrong, and made to look right: must not be paid."""


@dataclass(frozen=True, slots=True)
class KnownAnswer:
    """One answer to one problem."""

    kind: AnswerKind
    name: str
    """How it is made; empty for references."""
    problem: Problem
    code: str

    @property
    def text(self) -> str:
        """As a model would say it."""
        return f"```python\n{self.code.strip()}\n```"


def known_answers(task: Task[Any], problems: int) -> list[KnownAnswer]:
    """Every sound reference, and each wrong answer and forgery for so many problems, spread over the task.

    Raises RewardError for a task in another language than Python.
    """
    sound: list[Any] = [problem for problem in task.problems if problem.task_id not in task.unsound]
    if not sound or any(problem.language != "python" for problem in sound):
        raise RewardError(f"the wrong answers are written in Python, and {task.name!r} is not: take another task.")
    found = [KnownAnswer(AnswerKind.REFERENCE, "", problem, task.reference(problem)) for problem in sound]
    table = tomllib.loads(_TABLE.read_text())
    for problem in sound[:: max(1, len(sound) // problems)][:problems]:
        for name, row in table.items():
            code = str(row["code"]).replace("ENTRY", str(problem.entry_point))
            found.append(KnownAnswer(AnswerKind(row["kind"]), name, problem, code))
    return found
