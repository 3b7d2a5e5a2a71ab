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
        tree = ast.parse(reference)
        named = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == entry_point]
        if not named:
            continue
        function = named[-1]  # a later definition replaces an earlier one
        arguments = [*function.args.posonlyargs, *function.args.args]
        required = len(arguments) - len(function.args.defaults)
        accepted = 99 if function.args.vararg else len(arguments)
        text = without_examples(ast.get_docstring(function) or "") or getattr(problem, "text", "")
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None:
                node.body = node.body[1:] or [ast.Pass()]
        code = ast.unparse(tree)
        shape = (required, accepted)
        problems.append(BenchmarkProblem(name, problem.task_id, text, code, reference, entry_point, program, *shape))
    return problems
