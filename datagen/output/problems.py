"""Problems in HumanEval's format, out of functions that stand alone and whose results are proven.

A problem is the head and documentation of a generation row, the author's body, and the asserts that tell the author's
version from a faulty one, found by execution. Rows that leak a benchmark are not among those given, so neither are
problems that a benchmark holds in other words.
"""

import ast
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from datagen.rows.example import RULES, Example, Fact, TaskType

_DOCUMENTATION = re.compile(r"\n    (?:\"\"\"|''')")


@dataclass(frozen=True, slots=True)
class ProvenProblem:
    """One function to complete; the columns of HumanEval."""

    task_id: str
    prompt: str
    entry_point: str
    canonical_solution: str
    test: str


def proven_problems(rows: Sequence[Example]) -> Iterator[ProvenProblem]:
    """One problem for each function of the rules teacher that is asked for and has a proven repair with tests."""
    asked = {
        row.function_id: row
        for row in rows
        if row.task is TaskType.GENERATION and row.teacher == RULES and row.language == "python"
    }
    for row in rows:
        is_proven = row.task is TaskType.REPAIR and row.execution.fact is Fact.PROVEN and bool(row.tests)
        if is_proven and row.function_id in asked and (problem := _problem(asked[row.function_id], row.tests)):
            yield problem


def _problem(asked: Example, tests: str) -> ProvenProblem | None:
    """None where the author's text cannot be told apart into head and body."""
    documentation = _DOCUMENTATION.search(asked.input)
    head = asked.input[: documentation.start()] if documentation else ""
    begin = asked.output.find(head)
    if not head or begin < 0:
        return None
    imports, body = asked.output[:begin], asked.output[begin + len(head) :].lstrip("\n")
    name = asked.function_name
    calls = re.sub(rf"\b{re.escape(name)}\(", "candidate(", tests)
    check = "".join(f"    {line}\n" for line in calls.splitlines())
    problem = ProvenProblem(
        task_id=f"{asked.origin.source}/{asked.function_id}",
        prompt=f"{imports}{asked.input}\n",
        entry_point=name,
        canonical_solution=f"{body}\n",
        test=f"def check(candidate):\n{check}",
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(f"{problem.prompt}{problem.canonical_solution}\n{problem.test}")
    except SyntaxError:  # a body that is indented otherwise than its documentation
        return None
    defined = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    return problem if defined == [name, "check"] else None
