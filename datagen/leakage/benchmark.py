"""A benchmark's problems as leakage checks need them: text, solution, and the tests of the task itself."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from datagen.code.documentation import without_examples
from datagen.config import LeakageConfig
from sandbox.errors import WavebenchError
from tasks.registry import AnyTask, load


@dataclass(frozen=True, slots=True)
class BenchmarkProblem:
    """One problem of a benchmark."""

    benchmark: str
    task_id: str
    text: str
    """What it asks in words."""
    solution: str
    """The benchmark's own code, documentation left out."""
    reference: str
    """The same as a whole program, with the helpers that its tests use."""
    entry_point: str
    tests: str
    """Python that calls the entry point and raises where an answer is wrong."""
    required: int
    """Positional arguments it has to be called with."""
    accepted: int
    """Positional arguments it may be called with."""


@dataclass(frozen=True, slots=True)
class ComparedBenchmark:
    """A loaded benchmark, or the reason why it could not be had."""

    name: str
    problems: Sequence[BenchmarkProblem] = ()
    missing: str = ""


def load_benchmarks(config: LeakageConfig) -> list[ComparedBenchmark]:
    """Every benchmark of the configuration; one that is not here is reported as missing, not taken for clean."""
    folder = Path(config.data) if config.data else None
    loaded: list[ComparedBenchmark] = []
    for name in config.benchmarks:
        try:
            task = load(name, None, folder)
        except WavebenchError as error:
            loaded.append(ComparedBenchmark(name, missing=str(error)))
        else:
            loaded.append(ComparedBenchmark(name, _problems(name, task)))
    return loaded


def _problems(name: str, task: AnyTask) -> list[BenchmarkProblem]:
    problems: list[BenchmarkProblem] = []
    for problem in task.problems:
        reference: str = task.reference(problem)
        entry_point: str = problem.entry_point
        program = task.program(problem, "").files["main.py"]
        arity = _arity(reference, entry_point)
        if arity is None:
            continue
        text = _docstring(reference, entry_point) or getattr(problem, "text", "")
        tree = ast.parse(reference)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None:
                node.body = node.body[1:] or [ast.Pass()]
        code = ast.unparse(tree)
        problems.append(BenchmarkProblem(name, problem.task_id, text, code, reference, entry_point, program, *arity))
    return problems


def _function(tree: ast.Module, name: str) -> ast.FunctionDef | None:
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name]
    return found[-1] if found else None


def _arity(code: str, name: str) -> tuple[int, int] | None:
    function = _function(ast.parse(code), name)
    if function is None:
        return None
    arguments = [*function.args.posonlyargs, *function.args.args]
    most = 99 if function.args.vararg else len(arguments)
    return len(arguments) - len(function.args.defaults), most


def _docstring(code: str, name: str) -> str:
    function = _function(ast.parse(code), name)
    return without_examples(ast.get_docstring(function) or "") if function else ""
