"""Answers in, verdicts out, by real programs in the real sandbox."""

from pathlib import Path

import pytest

import wavebench
from harness.runs.verdict_log import FailingTest
from sandbox.outcome import Ending
from tasks.errors import TaskError
from tasks.policy import ExtractionPolicy
from tasks.task import AnswerForm
from tests.wavebench.small_task import Greeting, Greetings
from wavebench import Verdict
from wavebench.answers import AnswersError

ADD, DOUBLE, LAST = "own/0", "own/1", "own/2"


def test_verdicts_come_in_the_order_of_the_answers(problems: Path):
    answers = ["    return a - b\n", "    return 2 * x\n", "    return a + b\n", "", "    return items[0]\n"]
    found = wavebench.judge(answers, [ADD, DOUBLE, ADD, DOUBLE, LAST], data=problems)
    assert [each.task_id for each in found] == [ADD, DOUBLE, ADD, DOUBLE, LAST]
    assert [each.verdict for each in found] == [
        Verdict.WRONG,
        Verdict.PASSED,
        Verdict.PASSED,
        Verdict.NO_CODE,
        Verdict.WRONG,
    ]
    assert [each.passed for each in found] == [False, True, True, False, False]
    assert [each.confirmed for each in found] == [None, True, True, None, None]
    right, empty = found[2], found[3]
    assert right.code == 'def add(a, b):\n    """The sum."""\n    return a + b\n'
    assert right.ending is Ending.EXITED
    assert right.cpu_seconds > 0
    assert "AssertionError" in found[0].stderr
    assert (empty.code, empty.ending, empty.detail) == ("", None, "the answer is empty")
    assert [(each.tests, each.tests_held) for each in found[:4]] == [(2, 0), (1, 1), (2, 2), (None, None)]
    assert found[0].failing == FailingTest("add(1, 2)", "3", "-1")
    assert right.failing is empty.failing is None


def test_str_and_path_are_the_same(problems: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(problems.parent)
    for data in (problems, str(problems), problems.name):
        assert wavebench.judge(["    return a + b\n"], [ADD], data=data)[0].passed
        assert len(wavebench.load_task("humaneval", data=data).problems) == 4


def test_one_sandbox_serves_several_calls(problems: Path):
    task = wavebench.load_task("humaneval", data=str(problems))
    with wavebench.open_sandbox(workers=1) as sandbox:
        for answer, verdict in [("    return a + b\n", Verdict.PASSED), ("    return a\n", Verdict.WRONG)] * 2:
            (found,) = wavebench.judge([answer], [ADD], task=task, sandbox=sandbox)
            assert found.verdict is verdict
        (_, outcome), *_ = sandbox.run([("still open", wavebench.Program("python", {"main.py": "print(1)"}))])
        assert outcome.stdout == "1\n"


def test_the_form_says_what_a_text_is(problems: Path):
    whole = "def add(a, b):\n    return a + b\n"
    assert wavebench.judge([whole], [ADD], data=problems, form="program")[0].passed
    assert (
        wavebench.judge([f"Like this:\n```python\n{whole}```"], [ADD], data=problems, style="chat")[0].rule == "fence"
    )
    assert wavebench.judge(["Like this:"], [ADD], data=problems, form="continuation")[0].verdict is Verdict.NOT_COMPILED


def test_limits_and_confirmation_can_be_set(problems: Path):
    endless = "    while True:\n        pass\n"
    (found,) = wavebench.judge([endless], [ADD], data=problems, cpu_seconds=0.5)
    assert found.verdict is Verdict.TIMEOUT
    assert 0.3 < found.cpu_seconds < 2
    (passed,) = wavebench.judge(["    return a + b\n"], [ADD], data=problems, confirm=False)
    assert passed.passed
    assert passed.confirmed is None


def test_a_forged_pass_is_no_pass(problems: Path):
    forger = "    class Same(int):\n        def __eq__(self, other):\n            return True\n    return Same(7)\n"
    (found,) = wavebench.judge([forger], [ADD], data=problems)
    assert found.verdict is Verdict.FORGED
    assert not found.passed


def test_samples_of_a_problem_reach_the_sandbox_together():
    """So their confirmations are settled before one of them has met the tests."""
    seen: list[str] = []

    class Watched(Greetings):
        def program(self, problem: Greeting, code: str, form: AnswerForm = AnswerForm.AUTO) -> wavebench.Program:
            seen.append(problem.task_id)
            return super().program(problem, code, form)

    ids = ["greet/0", "greet/1"] * 3
    found = wavebench.judge(["def greet(name):\n    return 'Hi ' + name\n"] * 6, ids, task=Watched())
    assert seen == ["greet/0"] * 3 + ["greet/1"] * 3
    assert [each.task_id for each in found] == ids


def test_no_answers_are_no_verdicts(problems: Path):
    assert wavebench.judge([], [], data=problems) == []


def test_what_does_not_fit_is_one_clear_sentence(problems: Path, tmp_path: Path):
    with pytest.raises(AnswersError, match="2 answers for 1 task ids: give one task id per answer"):
        wavebench.judge(["a", "b"], [ADD], data=problems)
    with pytest.raises(TaskError, match=r"has no problem 'own/9': did you mean 'own/\d'\? Its 4 ids go from 'own/0'"):
        wavebench.judge(["a"], ["own/9"], data=problems)
    with pytest.raises(AnswersError, match="are lists, not one text"):
        wavebench.judge("a", ADD, data=problems)
    with pytest.raises(wavebench.WavebenchError, match="unknown task 'humanevil'"):
        wavebench.judge(["a"], [ADD], "humanevil")
    with pytest.raises(wavebench.WavebenchError, match="tier"):
        wavebench.judge(["a"], [ADD], data=problems, tier="walls")
    with pytest.raises(wavebench.WavebenchError, match="tier"):
        wavebench.open_sandbox("walls")
    with pytest.raises(wavebench.WavebenchError, match="workers"):
        wavebench.judge(["x"], [ADD], data=problems, workers=[1])  # type: ignore[arg-type]
    with pytest.raises(wavebench.WavebenchError, match="nowhere"):
        wavebench.load_task("humaneval", data=tmp_path / "nowhere")


def test_every_turn_of_a_sample_is_wanted():
    task = Greetings(turns=2)
    with pytest.raises(AnswersError, match=r"answers\[1\] has 1 turns and 'greet/0' of 'greetings' takes more"):
        wavebench.judge([["think", "code"], "think"], ["greet/0", "greet/0"], task=task)
    code = "def greet(name):\n    return 'Hi ' + name\n"
    assert wavebench.judge([["a plan", code]], ["greet/0"], task=task)[0].passed


def test_the_policy_of_a_call_decides_its_verdicts(problems: Path):
    answer = (
        "A draft:\n```python\ndef f():\n    pass\n```\nThe code:\n```python\ndef add(a, b):\n    return a + b\n```\n"
    )
    verdicts = {
        policy: wavebench.judge([answer], [ADD], data=problems, style="chat", extraction=policy.value)[0].verdict
        for policy in ExtractionPolicy
    }
    assert verdicts == {
        ExtractionPolicy.ROBUST: Verdict.PASSED,
        ExtractionPolicy.UPSTREAM: Verdict.ERROR,
        ExtractionPolicy.FIRST_BLOCK: Verdict.ERROR,
        ExtractionPolicy.LAST_BLOCK: Verdict.PASSED,
    }
