"""Real programs with known verdicts, to be judged under strain."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sandbox.program import Program
from sandbox.sandbox import Sandbox
from tasks.registry import load
from tasks.task import AnswerForm

ANSWERS = Path(__file__).parents[3] / "shared/data/generations/wavecoder-ultra-6.7b.humaneval.jsonl"

Work = list[tuple[str, Any, Program]]
"""Name, problem and program of each."""


def workload(*, with_answers: bool) -> Work:
    """HumanEval's references; and a model's answers, right and wrong, where their file is at hand."""
    task = load("humaneval")
    problems = {problem.task_id: problem for problem in task.problems}
    work = [(f"reference {p.task_id}", p, task.program(p, task.reference(p))) for p in task.problems]
    if with_answers and ANSWERS.exists():
        for row in map(json.loads, ANSWERS.read_text().splitlines()):
            problem = problems[row["task_id"]]
            code = task.extract(problem, [row["solution"]], AnswerForm.PROGRAM).code
            work.append((f"answer {problem.task_id}", problem, task.program(problem, code)))
    return work


def judge_all(sandbox: Sandbox, work: Iterable[tuple[str, Any, Program]]) -> dict[str, tuple[str, bool | None]]:
    """Verdict and confirmation by name."""
    task = load("humaneval")
    verdicts: dict[str, tuple[str, bool | None]] = {}
    for (name, problem), outcome in sandbox.run(((name, problem), program) for name, problem, program in work):
        judgement = task.verdict(problem, outcome)
        verdicts[name] = (str(judgement.verdict), judgement.confirmed)
    return verdicts
