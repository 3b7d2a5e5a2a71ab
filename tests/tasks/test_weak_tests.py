"""Problems with weak tests: the evidence holds, generic wrong answers are confirmed, the page is made of the file."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sandbox.program import Program
from sandbox.sandbox import Sandbox
from tasks.evalplus.expected import ExpectedValues
from tasks.evalplus.task import PlusTask
from tasks.facts import facts
from tasks.registry import AnyTask, benchmark, load
from tasks.weak_tests import weak_tests
from tests.performance.strategy_parts.page import page
from tests.performance.strategy_parts.problems import codes_of, texts_of

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


def test_the_page_is_made_of_the_file():
    file = Path(__file__).parents[2] / "docs" / "weak-tests.md"
    assert file.read_text() == page(), "python tests/performance/wrong_strategies.py --page"


def test_a_tasks_facts_name_them():
    assert facts("humaneval").weak_tests == ("HumanEval/34",)
    assert facts("humaneval-plus").weak_tests == ()
