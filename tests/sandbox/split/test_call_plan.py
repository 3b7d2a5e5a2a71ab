"""Calls that go along with the program are those that its tests make, and change no verdict."""

from typing import Any

import pytest

from sandbox.outcome import Confirmation, Ending, Outcome
from sandbox.program import Limits, Program, SplitTests
from sandbox.split.call_plan import first_calls
from sandbox.split.calls import decode_call, encode_call
from sandbox.split.candidate import encode_candidate
from tasks.humaneval.task import load_humaneval
from tests.sandbox.split.test_ahead import CANDIDATES

CLEAR = {
    "asserts": ("assert f(1) == 2\nassert f([2], 'a') == 3", [(1,), ([2], "a")]),
    "a function of one parameter": ("def check(c):\n    assert c(1) == 2\n    assert f(2)\ncheck(f)", [(1,), (2,)]),
    "within an expression": ("assert abs(f(1.5) - 2) < 1e-6, 'message'\nx = f(-1)\nf(2)", [(1.5,), (-1,), (2,)]),
    "other statements": ("import math\nM = {'a': 1}\nassert True, 'first'\nassert math.isclose(f(1), 2)", [(1,)]),
    "up to a loop": ("assert f(1)\nfor i in range(3): assert f(i)\nassert f(2)", [(1,)]),
    "up to a variable": ("assert f(1)\nx = [3]\nassert f(x)\nassert f(2)", [(1,)]),
    "up to two in one": ("assert f(1)\nassert f(2) == f(3)", [(1,)]),
    "up to what may be left out": ("assert f(1)\nassert True or f(2)", [(1,)]),
    "up to what is repeated": ("assert f(1)\nassert all(f(2) for _ in range(3))", [(1,)]),
    "up to a message": ("assert f(1)\nassert x, f(2)", [(1,)]),
    "up to another use": ("assert f(1)\nassert callable(f)\nassert f(2)", [(1,)]),
    "up to more than a pipe takes": (f"assert f(1)\nassert f({'a' * 30_000!r})\nassert f(2)", [(1,)]),
    "none": ("def check(c, d):\n    assert c(1)\ncheck(f, f)", []),
    "no Python": ("assert f(", []),
}


@pytest.mark.parametrize("name", CLEAR)
def test_the_plan_ends_where_the_text_does_not_tell(name: str):
    tests, expected = CLEAR[name]
    assert [decode_call(call) for call in first_calls(tests, ("f",))] == [("f", args, {}) for args in expected]


def test_keywords_belong_to_a_call():
    assert first_calls("assert g(1, b=[2])", ("f", "g")) == (encode_call("g", (1,), {"b": [2]}),)
    assert first_calls("assert f(**{'a': 1})\nassert f(*[1])", ("f",)) == ()


def test_the_tests_of_humaneval_make_the_planned_calls():
    task = load_humaneval()
    planned = 0
    for problem in task.problems:
        split = task.program(problem, problem.canonical_solution).split
        assert isinstance(split, SplitTests)
        plan = first_calls(split.tests, tuple(split.names))
        planned += bool(plan)
        made: list[bytes] = []
        namespace: dict[str, Any] = {}
        exec(problem.prompt + problem.canonical_solution, namespace)
        [name] = split.names
        function = namespace[name]

        def recording(*args, function=function, name=name, made=made, **kwargs):
            made.append(encode_call(name, args, kwargs))
            return function(*args, **kwargs)

        exec(split.tests, {**namespace, name: recording})
        assert made[: len(plan)] == list(plan), problem.task_id
    assert planned == 154


@pytest.fixture
def confirm(sandbox):
    def run(candidate: str, tests: str, memory_mb: int = 256) -> Outcome:
        split = SplitTests(candidate, "", tests, ("f",))
        limits = Limits(memory_mb=memory_mb, cpu_seconds=2.0)
        program = Program("python", {"main.py": ""}, limits=limits, split=split, split_alone=True)
        [(_, outcome)] = sandbox.run([(0, program)])
        return outcome

    return run


@pytest.mark.parametrize("name", CANDIDATES)
def test_the_verdict_is_that_of_calls_one_by_one(confirm, name: str):
    planned = "".join(f"assert f({n}) == {n * n}\n" for n in range(60))
    one_by_one = "".join(f"n = {n}\nassert f(n) == {n * n}\n" for n in range(60))
    assert (len(first_calls(planned, ("f",))), first_calls(one_by_one, ("f",))) == (60, ())
    one, other = confirm(CANDIDATES[name], one_by_one), confirm(CANDIDATES[name], planned)
    assert (one.confirmation is Confirmation.HELD) == (name in ("right", "keeps a state"))
    assert (other.confirmation, other.confirmation_detail) == (one.confirmation, one.confirmation_detail)
    assert other.assertions == one.assertions


def test_what_burns_time_behind_a_wrong_answer_is_wrong(confirm):
    outcome = confirm("def f(n):\n    while n: pass\n    return 1", "assert f(0) == 0\nassert f(1) == 1")
    assert outcome.confirmation is Confirmation.REFUTED


def test_what_burns_time_behind_right_answers_reaches_the_limit(confirm):
    outcome = confirm("def f(n):\n    while n > 1: pass\n    return n", "assert f(1) == 1\nassert f(2) == 2")
    assert (outcome.confirmation, outcome.ending) == (Confirmation.INEXPRESSIBLE, Ending.CPU_LIMIT)


def test_tests_that_leave_the_plan_are_run_without_one(confirm):
    tests = "def twice(n): return f(f(n))\nassert twice(3) == 5\nassert f(10) == 11\n"
    assert [decode_call(call)[1] for call in first_calls(tests, ("f",))] == [(10,)]
    assert confirm("def f(n): return n + 1", tests).confirmation is Confirmation.HELD
    assert confirm("def f(n): return n + 2", tests).confirmation is Confirmation.REFUTED


def test_tests_that_catch_everything_are_run_without_a_plan_too(confirm):
    quiet = "def quiet(n):\n    try:\n        return f(n)\n    except BaseException:\n        return 0\n"
    tests = f"{quiet}quiet(7)\nassert f(10) == 11\n"
    assert [decode_call(call)[1] for call in first_calls(tests, ("f",))] == [(10,)]
    assert confirm("def f(n): return n + 1", tests).confirmation is Confirmation.HELD


def test_a_large_program_goes_alone(confirm):
    large = f"def f(n): return n + 1\nx = {'a' * 40_000!r}\n"
    assert len(encode_candidate(large, None)) > 40_000
    assert confirm(large, "assert f(1) == 2\nassert f(2) == 3").confirmation is Confirmation.HELD


def test_answers_larger_than_a_pipe_arrive(confirm):
    tests = "".join(f"assert len(f({n})) == 200_000\n" for n in range(20))
    assert confirm("def f(n): return 'a' * 200_000", tests).confirmation is Confirmation.HELD
