"""Problems with weak tests: the evidence holds, generic wrong answers are confirmed, the page is made of the file."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sandbox.languages import language as row_of
from sandbox.program import Program
from sandbox.sandbox import Sandbox
from sandbox.toolchains.installed import ToolchainMissingError, with_paths
from tasks.evalplus.expected import ExpectedValues
from tasks.evalplus.task import PlusTask
from tasks.facts import facts
from tasks.registry import AnyTask, benchmark, load
from tasks.weak_tests import weak_tests
from tests.performance.strategy_parts.page import page
from tests.performance.strategy_parts.problems import codes_of, texts_of
from tests.performance.strategy_parts.typed_sieves import held_in_typed, sieve_of_typed

TASKS = {
    "humaneval": None,
    "mbpp": "all",
    "mbpp-sanitized": "all",
    "mbpp-plus-0.1.0": None,
    "humaneval-pro": None,
    "mbpp-pro": None,
    "humanevalpack-synthesize-python": None,
}
CONFIRMED = ("HumanEval/34", "Mbpp/457", "Mbpp/115", "HumanEvalPro/24", "MbppPro/373", "Python/34")
"""One of each, since judging all takes a minute."""
COMPARE = """
from copy import deepcopy
reference, answer = {{}}, {{}}
exec({reference!r}, reference)
exec({code!r}, answer)
told = False
for arguments in {arguments}:
    right = reference[{name!r}](*deepcopy(arguments))
    try:
        told = told or answer[{name!r}](*deepcopy(arguments)) != right
    except Exception:
        told = True
assert told
"""


def task_of(name: str, data: Path) -> AnyTask:
    return load(name, data_dir=data, split=TASKS[name])


@pytest.mark.parametrize("name", list(TASKS))
def test_arguments_tell_each_weak_answer_from_the_reference(sandbox: Sandbox, benchmarks: Path, name: str):
    task = task_of(name, benchmarks)
    dataset = benchmark(name).dataset
    assert dataset
    problems = {problem.task_id: problem for problem in task.problems}
    weak = weak_tests(dataset.name)
    assert weak
    assert weak.keys() <= problems.keys()

    def programs() -> Any:
        for task_id, note in weak.items():
            assert note.tells or note.why
            problem, codes = problems[task_id], dict(codes_of(problems[task_id]))
            for each in () if note.why else note.passes:
                arguments = "".join(f"({given},)," for given in note.tells)
                text = COMPARE.format(
                    reference=task.reference(problem),
                    code=codes[each],
                    arguments=f"[{arguments}]",
                    name=texts_of(problem)[3],
                )
                yield f"{task_id}: {each}", Program("python", {"main.py": text})

    assert [key for key, outcome in sandbox.run(programs()) if not outcome.finished] == []


@pytest.mark.parametrize("name", list(TASKS))
def test_a_weak_answer_is_confirmed(sandbox: Sandbox, benchmarks: Path, name: str):
    task = task_of(name, benchmarks)
    dataset = benchmark(name).dataset
    assert dataset
    problem = next(
        each for each in task.problems if each.task_id in CONFIRMED and each.task_id in weak_tests(dataset.name)
    )
    if isinstance(task, PlusTask):
        task = replace(task, problems=[problem], expected=ExpectedValues([problem], trusted=True))
    codes = dict(codes_of(problem))
    programs = [(each, task.program(problem, codes[each])) for each in weak_tests(dataset.name)[problem.task_id].passes]
    for each, outcome in sandbox.run(programs):
        assert task.verdict(problem, outcome).confirmed, each


@pytest.mark.parametrize("code", ["java", "go", "cpp", "rust"])
def test_strategies_are_those_that_declared_types_allow(benchmarks: Path, code: str):
    name = f"humanevalpack-synthesize-{code}"
    problems = load(name, data_dir=benchmarks).problems
    names = [{each for each, _ in codes_of(problem)} for problem in problems]
    assert 4 < sum(map(len, names)) / len(names) < 6
    assert {"the sum of the arguments", "0", "-1"} < names[53]  # adds two integers
    assert "the largest of the first" in names[35]  # of a list of integers
    assert "an empty text" not in names[35]
    dataset = benchmark(name).dataset
    assert dataset
    by_id = dict(zip((problem.task_id for problem in problems), names, strict=True))
    assert all(set(weak.passes) <= by_id[task_id] for task_id, weak in weak_tests(dataset.name).items())


def test_a_weak_answer_in_go_is_confirmed_and_found_by_its_sieve(sandbox: Sandbox, benchmarks: Path):
    try:
        with_paths(row_of("go"))
    except ToolchainMissingError as error:
        pytest.skip(str(error))
    task = load("humanevalpack-synthesize-go", data_dir=benchmarks)
    problem = task.problems[50]
    codes = dict(codes_of(problem))
    programs = [
        ("sieve", sieve_of_typed(task, problem)),
        ("judged", task.program(problem, codes["the first argument"])),
    ]
    found = dict(sandbox.run(programs))
    assert held_in_typed(found["sieve"]) == {list(codes).index("the first argument"), len(codes)}
    assert task.verdict(problem, found["judged"]).confirmed


def test_the_page_is_made_of_the_file():
    file = Path(__file__).parents[2] / "docs" / "weak-tests.md"
    assert file.read_text() == page(), "python tests/performance/wrong_strategies.py --page"


def test_a_tasks_facts_name_them():
    assert facts("humaneval").weak_tests == ("HumanEval/34",)
    assert facts("humaneval-plus").weak_tests == ()
