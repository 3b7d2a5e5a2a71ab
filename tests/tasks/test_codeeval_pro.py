"""HumanEval-Pro and MBPP-Pro: two problems in one, the second calls the first."""

import json
from pathlib import Path

import pytest

from sandbox.sandbox import Sandbox
from tasks.errors import DataError
from tasks.families import HUMANEVAL
from tasks.registry import load
from tasks.task import AnswerForm
from tasks.verdict import Verdict

ROW = {
    "id": 7,
    "raw_problem": "# Write a function that doubles a number.\ndef double(x):\n",
    "raw_solution": "    return 2 * x\n",
    "new_problem": "# Write a function that doubles each number of a list.\ndef double_all(xs):\n",
    "new_solution": "    return [double(x) for x in xs]\n",
    "test_code": "assert double_all([1, 2]) == [2, 4]\nassert double_all([]) == []\n",
}


def write(folder: Path, **changes: object) -> Path:
    file = folder / "mine.json"
    file.write_text(json.dumps([{**ROW, **changes}]))
    return file


@pytest.mark.parametrize(("name", "rows"), [("humaneval-pro", 164), ("mbpp-pro", 378)])
def test_all_references_pass_and_are_confirmed(sandbox: Sandbox, benchmarks: Path, name: str, rows: int):
    task = load(name, data_dir=benchmarks)
    assert len(task.problems) == rows
    programs = ((each, task.program(each, task.reference(each))) for each in task.problems)
    judged = [(each.task_id, task.verdict(each, outcome)) for each, outcome in sandbox.run(programs)]
    assert [found for found in judged if not found[1].confirmed] == []


def test_an_answer_is_the_whole_program_and_a_continuation_goes_on_behind_the_first_problem(
    sandbox: Sandbox, tmp_path: Path
):
    task = load("mbpp-pro", data_file=write(tmp_path))
    problem = task.problems[0]
    prompt = task.prompt(problem, [])
    assert prompt is not None
    assert prompt.prefill == "```python\n# Write a function that doubles a number.\ndef double(x):\n"
    both = "    return x + x\n\ndef double_all(xs):\n    return list(map(double, xs))\n"
    alone = "    return x + x\n"
    wrong = "    return x\n\ndef double_all(xs):\n    return list(map(double, xs))\n"
    found = {
        "prefilled": task.extract(problem, [f"{both}```\nThis doubles."]),
        "continued": task.extract(problem, [both], AnswerForm.CONTINUATION),
        "alone": task.extract(problem, [alone], AnswerForm.CONTINUATION),
        "wrong": task.extract(problem, [f"{wrong}```\n"]),
    }
    programs = ((name, task.program(problem, each.code)) for name, each in found.items())
    verdicts = {name: task.verdict(problem, outcome).verdict for name, outcome in sandbox.run(programs)}
    assert verdicts == {
        "prefilled": Verdict.PASSED,
        "continued": Verdict.PASSED,
        "alone": Verdict.ERROR,
        "wrong": Verdict.WRONG,
    }


def test_humaneval_pro_is_a_variant_of_humaneval(benchmarks: Path):
    problem = load("humaneval-pro", data_dir=benchmarks).problems[1]
    assert problem.entry_point == "count_balanced_paren_groups"
    assert HUMANEVAL.variant_of(problem.task_id) == HUMANEVAL.variant_of("HumanEval/1")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"new_solution": "    return ["}, "is not Python"),
        ({"test_code": "assert double(1) == 2\n"}, "does not call the function of new_problem"),
        ({"test_code": "double_all([1])\n"}, "asserts nothing"),
        ({"raw_solution": None}, "is missing"),
    ],
)
def test_rows_that_cannot_be_scored_are_refused(tmp_path: Path, changes: dict[str, object], words: str):
    with pytest.raises(DataError, match=words):
        load("mbpp-pro", data_file=write(tmp_path, **changes))
