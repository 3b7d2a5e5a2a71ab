"""Tests that run apart from their candidate: what is no forgery is not called one."""

import json
from pathlib import Path

import pytest

from sandbox.program import SplitTests
from sandbox.sandbox import Sandbox
from tasks.registry import AnyTask, load
from tasks.split_tests import split_tests
from tasks.task import AnswerForm
from tasks.verdict import Judgement, Verdict

CASES = Path(__file__).parents[3] / "shared" / "cases" / "answers"
FORMS = {"completion": AnswerForm.CONTINUATION, "solution": AnswerForm.PROGRAM}


def judged(sandbox: Sandbox, task: AnyTask, task_id: str, code: str) -> Judgement:
    problem = next(problem for problem in task.problems if problem.task_id == task_id)
    [(_, outcome)] = sandbox.run([(0, task.program(problem, code))])
    return task.verdict(problem, outcome)


def a_right_answer(task: AnyTask, task_id: str) -> str:
    problem = next(problem for problem in task.problems if problem.task_id == task_id)
    return task.reference(problem).rstrip("\n")


@pytest.mark.parametrize("end", [" \\\n", " \\", "\n\\\n", "\n\n@staticmethod", "\n\n@staticmethod\n", "\n@print\n"])
def test_a_dangling_end_is_no_forgery(sandbox: Sandbox, end: str):
    task = load("humaneval")
    for task_id in ("HumanEval/0", "HumanEval/93"):
        judgement = judged(sandbox, task, task_id, a_right_answer(task, task_id) + end)
        assert judgement.verdict is not Verdict.FORGED, judgement
        assert judgement.confirmed is not False


def test_a_right_answer_with_a_dangling_end_is_even_confirmed(sandbox: Sandbox):
    task = load("humaneval")
    assert judged(sandbox, task, "HumanEval/0", a_right_answer(task, "HumanEval/0") + " \\\n").confirmed
    assert judged(sandbox, task, "HumanEval/93", a_right_answer(task, "HumanEval/93") + "\n@staticmethod").confirmed


def test_what_no_line_can_complete_cannot_be_told(sandbox: Sandbox):
    task = load("humaneval")
    code = f"{a_right_answer(task, 'HumanEval/93')}\n\n@(staticmethod\n)"
    judgement = judged(sandbox, task, "HumanEval/93", code)
    assert (judgement.verdict, judgement.confirmed) == (Verdict.PASSED, None)
    assert judgement.detail == "unconfirmed: the program cannot be loaded without its tests: SyntaxError"


@pytest.mark.parametrize("form", FORMS)
def test_cases_that_were_called_forged(sandbox: Sandbox, form: str):
    file = CASES / f"K17_forged_for_a_dangling_end.humaneval.{form}.jsonl"
    if not file.is_file():
        pytest.skip(f"needs collected answers, which are not at {file}")
    task = load("humaneval")
    problems = {problem.task_id: problem for problem in task.problems}
    for row in map(json.loads, file.read_text().splitlines()):
        code = task.extract(problems[row["task_id"]], [row[form]], FORMS[form]).code
        assert judged(sandbox, task, row["task_id"], code).verdict in row["expected"], row["what"]


IDENTITY = "def encode_cyclic(s): return s\ndef decode_cyclic(s): return s\n"
SHIFTED = (
    "def encode_shift(s):\n    return ''.join(chr(ord(c) + 5) for c in s)\n"
    "def decode_shift(s):\n    return ''.join(chr(ord(c) - 5) for c in s)\n"
)


@pytest.mark.parametrize(
    ("task_id", "code", "name"),
    [
        ("HumanEval/38", IDENTITY, "encode_cyclic"),
        ("HumanEval/38", IDENTITY.replace("def encode_cyclic(s): return s", "encode_cyclic = str"), "encode_cyclic"),
        ("HumanEval/50", SHIFTED, "encode_shift"),
    ],
)
def test_a_helper_of_its_own_accuses_nobody(sandbox: Sandbox, task_id: str, code: str, name: str):
    judgement = judged(sandbox, load("humaneval"), task_id, code)
    assert judgement == Judgement(
        Verdict.PASSED, f"unconfirmed: the program replaces {name}, which the tests use", confirmed=None
    )


@pytest.mark.parametrize("task_id", ["HumanEval/32", "HumanEval/38", "HumanEval/50"])
def test_the_prompts_helper_is_no_replacement(sandbox: Sandbox, task_id: str):
    task = load("humaneval")
    problem = next(problem for problem in task.problems if problem.task_id == task_id)
    program = task.program(problem, task.reference(problem))
    assert isinstance(program.split, SplitTests)
    assert program.split.replaced == ()
    assert judged(sandbox, task, task_id, task.reference(problem)).confirmed


def test_a_helper_typed_anew_and_alike_is_confirmed(sandbox: Sandbox):
    task = load("humaneval")
    problem = next(problem for problem in task.problems if problem.task_id == "HumanEval/38")
    code = task.reference(problem).replace("# split string to groups. Each of length 3.", "# threes")
    program = task.program(problem, code)
    assert isinstance(program.split, SplitTests)
    assert program.split.replaced == ("encode_cyclic",)
    assert judged(sandbox, task, "HumanEval/38", code).confirmed


def test_a_program_keeps_its_identity_where_it_replaces_nothing():
    plain = split_tests("def f(): return 1", "", "assert f() == 1", "f")
    assert (plain.candidate, plain.replaced) == ("def f(): return 1", ())
