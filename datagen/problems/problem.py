"""One problem: the prompt, the author's body, and tests that no wrong version passes."""

import ast
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from datagen.problems.choose_tests import ChosenTests
from datagen.problems.trial_probe import tolerance
from datagen.rows.raw_function import RawFunction
from datagen.teachers.rules_teacher import asked_for


@dataclass(frozen=True, slots=True)
class OwnProblem:
    """One function to complete; the columns of HumanEval, then where it comes from and what its tests showed."""

    task_id: str
    prompt: str
    entry_point: str
    canonical_solution: str
    test: str
    source: str
    path: str
    licence: str
    tests: int
    """Asserts; the prompt shows none of their inputs."""
    mutants: int
    """Wrong versions of the function, each of which fails at least one assert."""


def problem_of(function: RawFunction, tests: ChosenTests, mutants: int) -> OwnProblem | None:
    """None where the author's text cannot be told apart into head and body."""
    begin = function.code.find(function.signature)
    if begin < 0:
        return None
    head, body = function.code[: begin + len(function.signature)], function.code[begin + len(function.signature) :]
    asked = asked_for(function)
    if not asked.startswith(head) or not body.strip() or not body.lstrip(" \t").startswith("\n"):
        return None
    imports = "".join(f"{each}\n" for each in function.imports)
    return OwnProblem(
        task_id=f"{function.origin.source}/{function.function_id}",
        prompt=f"{imports}{chr(10) * 2 if imports else ''}{_with_examples(asked, function.name, tests.shown)}\n",
        entry_point=function.name,
        canonical_solution=f"{body.lstrip(chr(10))}\n",
        test="def check(candidate):\n" + "".join(f"    {_assert(*each)}\n" for each in tests.hidden),
        source=function.origin.source,
        path=function.origin.path,
        licence=function.origin.licence,
        tests=len(tests.hidden),
        mutants=mutants,
    )


def _with_examples(asked: str, name: str, shown: Sequence[tuple[str, str]]) -> str:
    """The head with its documentation, with examples at the end where it has none: they say what kinds of values."""
    if not shown:
        return asked
    quote = asked[-3:]
    examples = "".join(f"\n>>> {name}({arguments})\n{result}" for arguments, result in shown)
    text = asked[:-3].rstrip()
    return f"{text}\n{textwrap.indent(examples, '    ')}\n    {quote}"


def _assert(arguments: str, result: str) -> str:
    call = f"candidate({arguments})"
    if isinstance(value := ast.literal_eval(result) if not result.startswith("frozenset(") else None, float):
        return f"assert abs({call} - {f'({result})' if value < 0 else result}) <= {tolerance(value):.3g}"
    return f"assert {call} is None" if result == "None" else f"assert {call} == {result}"
