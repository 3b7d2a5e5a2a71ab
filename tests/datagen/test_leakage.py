import ast

import numpy as np
import pytest

from datagen.config import LeakageConfig
from datagen.leakage.behaviour import BehaviourCounts, behaviour_leaks
from datagen.leakage.benchmark import BenchmarkProblem, load_benchmarks
from datagen.leakage.neighbours import nearest
from datagen.leakage.text import ngram_leaks, substring_leaks
from datagen.rows.example import Example, TaskType
from datagen.rows.raw_function import Origin
from sandbox.launch import open_sandbox

ORDINARY = (
    "def header(name):\n    parts = name.split('-')\n    return '-'.join(part.capitalize() for part in parts)",
    "def loops(a):\n    while True:\n        pass",
    "def waits(a):\n    import os\n    return os.read(os.pipe()[0], 1)",
    "def leaves(a):\n    import os\n    os._exit(0)",
    "def prints(a):\n    import os\n    os.write(1, b'5\\n[1]\\n')\n    return a",
    "def needs_module(a, b):\n    return _helper(a, b)",
    "def shout(self, words, end='!'):\n    return self.prefix + words + end",
)


def row(code: str, number: int) -> Example:
    return Example(
        task=TaskType.GENERATION,
        instruction="Write a Python function.",
        input="",
        output=code,
        language="python",
        function_id=str(number),
        function_name="f",
        origin=Origin("t", "p"),
        teacher="rules",
        wording="w",
        core_rank=number,
    )


class Renamed(ast.NodeTransformer):
    """Gives every name of a function another one and takes its annotations away."""

    def __init__(self, code: str) -> None:
        self.tree = ast.parse(code)
        nodes = list(ast.walk(self.tree))
        names = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
        names |= {node.arg for node in nodes if isinstance(node, ast.arg)}
        names |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        self.names = {name: f"v{place}" for place, name in enumerate(sorted(names))}

    def code(self) -> str:
        return ast.unparse(self.visit(self.tree))

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self.names.get(node.id, node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.arg(self.names[node.arg])

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.name, node.returns = self.names[node.name], None
        self.generic_visit(node)
        return node


@pytest.fixture(scope="module")
def problems() -> list[BenchmarkProblem]:
    (benchmark,) = load_benchmarks(LeakageConfig(benchmarks=("humaneval",)))
    assert len(benchmark.problems) == 164
    return list(benchmark.problems)


def test_renamed_solutions_are_found_by_what_they_do(problems: list[BenchmarkProblem]):
    planted = problems[:24]
    rows = [row(Renamed(problem.solution).code(), number) for number, problem in enumerate(planted)]
    rows += [row(code, 100 + number) for number, code in enumerate(ORDINARY)]
    counts = BehaviourCounts()
    with open_sandbox() as sandbox:
        leaks = list(behaviour_leaks(rows, planted, sandbox, counts))
    found = {(leak.example_id, leak.task_id) for leak in leaks}
    recall = sum((each.example_id, problem.task_id) in found for each, problem in zip(rows, planted, strict=False))
    assert recall >= 0.95 * len(planted)
    ordinary = {each.example_id for each in rows[len(planted) :]}
    assert not ordinary & {leak.example_id for leak in leaks}
    assert counts.killed == 1


def test_swapped_arguments_and_methods_do_not_hide_a_solution(problems: list[BenchmarkProblem]):
    divides = next(each for each in problems if each.entry_point == "greatest_common_divisor")
    longest = next(each for each in problems if each.entry_point == "filter_by_substring")
    codes = (
        "def pick(self, words, part):\n    return [word for word in words if part in word]",
        "def pick(part, words):\n    return [word for word in words if part in word]",
        "def g(x, y):\n    return x if y == 0 else g(y, x % y)",
    )
    with open_sandbox() as sandbox:
        rows = [row(code, number) for number, code in enumerate(codes)]
        leaks = list(behaviour_leaks(rows, [divides, longest], sandbox, BehaviourCounts()))
    assert {leak.example_id for leak in leaks} == {each.example_id for each in rows}


def test_copied_text_is_found_whatever_its_spacing(problems: list[BenchmarkProblem]):
    copied = row(problems[0].solution.replace("    ", "\t").upper(), 0)
    assert {leak.task_id for leak in substring_leaks([copied], problems)} == {"HumanEval/0"}
    assert not list(substring_leaks([row(ORDINARY[0], 1)], problems))


def test_long_runs_of_words_are_found(problems: list[BenchmarkProblem]):
    words = " ".join(problems[0].text.split()[:14])
    assert {leak.task_id for leak in ngram_leaks([row(f"# {words}", 0)], problems, 13)} == {"HumanEval/0"}
    assert not list(ngram_leaks([row(ORDINARY[0], 0)], problems, 13))


def test_the_score_is_the_mean_of_the_nearest_cosines():
    problems = np.array([[1, 0], [0, 1]], np.float32)
    training = np.array([[0, 1], [0.6, 0.8], [1, 0]], np.float32)
    found = nearest(problems, training, 2)
    assert found.indices.tolist() == [[2, 1], [0, 1]]
    assert found.mean_nearest == pytest.approx(1.0)


def test_a_benchmark_that_is_not_here_is_reported_missing_not_clean():
    (benchmark,) = load_benchmarks(LeakageConfig(benchmarks=("no-such-benchmark",)))
    assert not benchmark.problems
    assert benchmark.missing
