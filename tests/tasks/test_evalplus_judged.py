"""HumanEval+ and MBPP+ in the sandbox: verdicts for base and further inputs, which no candidate ever holds."""

import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from sandbox.outcome import Assertion
from sandbox.program import Limits
from sandbox.sandbox import Sandbox
from tasks.evalplus.dataset import PLUS_DATA
from tasks.evalplus.expected import ExpectedValues
from tasks.evalplus.task import PlusTask, load_plus
from tasks.facts import known_unsound
from tasks.registry import load
from tasks.task import AnswerForm
from tasks.verdict import Judgement, Verdict
from tests.sandbox.hostile.corpus import PROMPT, Attack, read_attacks

HUMANEVAL = PLUS_DATA[0]
ROW = {
    "task_id": "own/0",
    "prompt": 'def f(x):\n    """Returns the square of x."""\n',
    "entry_point": "f",
    "canonical_solution": "    return x * x\n",
    "base_input": [[2], [3], [-5]],
    "plus_input": [[0], [0.5], [12], [70707]],
    "atol": 0,
}
LARGE = {
    **ROW,
    "task_id": "own/1",
    "canonical_solution": "    return 'ab' * x\n",
    "base_input": [[3]],
    "plus_input": [[10**6]],
}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> PlusTask:
    folder = tmp_path_factory.mktemp("own")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WAVEBENCH_CACHE", str(folder))
        file = folder / "mine.jsonl"
        file.write_text("".join(json.dumps(row) + "\n" for row in (ROW, LARGE)))
        task = load_plus(HUMANEVAL, "humaneval-plus", "sound", data_file=file)
        task.expected.of(task.problems[0])
        assert (folder / "expected.sqlite").is_file()
    return task


def judged(sandbox: Sandbox, task: Any, bodies: dict[str, str], number: int = 0) -> dict[str, Judgement]:
    problem = task.problems[number]
    programs = ((name, task.program(problem, problem.prompt + body)) for name, body in bodies.items())
    return {name: task.verdict(problem, outcome) for name, outcome in sandbox.run(programs)}


def test_a_verdict_names_the_input_that_failed_and_whether_the_base_tests_held(sandbox: Sandbox, own: PlusTask):
    found = judged(
        sandbox,
        own,
        {
            "right": "    return x ** 2\n",
            "plus": "    return x ** 2 if x < 100 else 0\n",
            "base": "    return -1\n",
            "raises": "    return 1 // x * x * x * x if x != 12 else 144\n",
            "leaves": "    raise SystemExit\n",
            "dies": "    import os\n    if x == 12: os._exit(0)\n    return x * x\n",
            "loads": "    return x\n1 / 0\n",
            "syntax": "    return (x\n",
            "other": "    return x\ndel f\n",
        },
    )
    verdicts = {name: (judgement.verdict, judgement.base) for name, judgement in found.items()}
    assert verdicts == {
        "right": (Verdict.PASSED, True),
        "plus": (Verdict.WRONG, True),
        "base": (Verdict.WRONG, False),
        "raises": (Verdict.WRONG, False),
        "leaves": (Verdict.WRONG, False),
        "dies": (Verdict.ERROR, True),
        "loads": (Verdict.ERROR, False),
        "syntax": (Verdict.NOT_COMPILED, False),
        "other": (Verdict.ERROR, False),
    }
    assert found["right"].confirmed
    held = {name: judgement.tests_held for name, judgement in found.items()}
    assert held == {
        **{"right": 7, "plus": 6, "base": 0, "raises": 0, "leaves": 0, "dies": 5},
        **{"loads": 0, "syntax": 0, "other": 0},
    }
    assert {judgement.tests for judgement in found.values()} == {7}
    assert found["plus"].detail == "plus input 4 of 4 (6 of 7 passed): f(70707) gave 0, expected 4999479849"
    assert found["plus"].failing == Assertion(6, False, "f(70707)", "4999479849", "0")
    assert found["dies"].detail == "the candidate's process ended; at plus input 3 of 4 (5 of 7 passed): f(12)"


def test_each_call_has_a_limit_of_its_own(sandbox: Sandbox, own: PlusTask):
    found = judged(sandbox, own, {"endless": "    while x == 12: pass\n    return x * x\n"})["endless"]
    assert (found.verdict, found.base) == (Verdict.TIMEOUT, True)
    assert "CPU seconds in one call; at plus input 3 of 4" in found.detail


def test_a_large_result_is_compared_by_its_digest(sandbox: Sandbox, own: PlusTask):
    assert len(own.expected.of(own.problems[1]).cases) < 500
    bodies = {
        "right": "    return ''.join('ab' for _ in range(x))\n",
        "wrong": "    return 'ab' * x if x < 9 else 'ab' * (x - 1) + 'ac'\n",
        "names": "    return 'ab' * x\n\ndef digest_of(value): return '', ''\nhashlib = marshal = _feed = None\n",
    }
    found = judged(sandbox, own, bodies, 1)
    assert {name: judgement.verdict for name, judgement in found.items()} == {
        "right": Verdict.PASSED,
        "wrong": Verdict.WRONG,
        "names": Verdict.PASSED,
    }
    assert "of 2000000 characters, expected" in found["wrong"].detail


SEARCH = """    import gc, re, sys
    frame = sys._getframe()
    while frame:
        if re.search("7070[7]|_wavebench_jud[g]e", f"{frame.f_globals} {frame.f_locals} {frame.f_code.co_consts}"):
            return "found"
        frame = frame.f_back
    for each in gc.get_objects():
        if isinstance(each, (list, tuple, dict)) and re.search("7070[7]", str(each)[:10000]):
            return "found"
    return x * x if x == 2 else 0
"""


def test_a_candidate_finds_no_inputs_and_no_tests_in_its_process(sandbox: Sandbox, own: PlusTask):
    found = judged(sandbox, own, {"search": SEARCH})["search"]
    assert found.detail == "base input 2 of 3 (1 of 7 passed): f(3) gave 0, expected 9"


@pytest.mark.parametrize("attack", read_attacks("forgeries"), ids=lambda attack: attack.name)
def test_no_forgery_passes(sandbox: Sandbox, own: PlusTask, attack: Attack):
    problem = own.problems[0]
    [(_, outcome)] = sandbox.run([(0, own.program(problem, problem.prompt + attack.completion))])
    judgement = own.verdict(problem, outcome)
    assert judgement.verdict is not Verdict.PASSED
    assert judgement.confirmed is None


@pytest.mark.parametrize(("name", "task_id"), [("mbpp-plus@0.2.1", "Mbpp/3"), ("mbpp-plus@head", "Mbpp/9")])
def test_no_forgery_passes_a_known_row_under_an_oracle_of_evalplus(
    sandbox: Sandbox, benchmarks: Path, name: str, task_id: str
):
    task = cast("PlusTask", load(name, data_dir=benchmarks))
    [problem] = [each for each in task.problems if each.task_id == task_id]
    few = replace(task, problems=[problem], expected=ExpectedValues([problem], trusted=True))
    programs = (
        (attack.name, few.program(problem, f"{PROMPT}{attack.completion}\n{problem.entry_point} = f\n"))
        for attack in read_attacks("forgeries")
        if attack.limits == Limits()  # the others wait for theirs
    )
    passed = [
        name for name, outcome in sandbox.run(programs) if few.verdict(problem, outcome).verdict is Verdict.PASSED
    ]
    assert passed == []


@pytest.mark.parametrize("name", ["humaneval-plus", "mbpp-plus", "mbpp-plus-0.1.0", "humaneval-plus@head"])
def test_known_references_pass(sandbox: Sandbox, benchmarks: Path, name: str):
    """The first ones, quick ones: all of them take minutes."""
    task = cast("PlusTask", load(name, data_dir=benchmarks))
    wanted = ("HumanEval/32", "Mbpp/88", "Mbpp/737")
    chosen = [*task.problems[:6], *(each for each in task.problems if each.task_id in wanted)]
    few = replace(task, problems=chosen, expected=ExpectedValues(chosen, trusted=True))
    for problem, outcome in sandbox.run((each, few.program(each, few.reference(each))) for each in chosen):
        expected = few.expected.of(problem)
        inputs = expected.base_inputs + expected.plus_inputs
        judgement = Judgement(Verdict.PASSED, confirmed=True, base=True, tests=inputs, tests_held=inputs)
        assert few.verdict(problem, outcome) == judgement, problem.task_id


def test_what_an_oracle_cannot_tell_is_unsound_under_it(benchmarks: Path):
    unsound = {
        name: list(load(name, data_dir=benchmarks).unsound)
        for name in (
            "humaneval-plus",
            "humaneval-plus@0.3.1",
            "mbpp-plus@head",
            "mbpp-plus-0.1.0@head",
            "mbpp-plus-0.1.0@0.2.1",
            "mbpp-plus-0.1.0",
        )
    }
    assert unsound == {
        "humaneval-plus": [],
        "humaneval-plus@0.3.1": ["HumanEval/32"],
        "mbpp-plus@head": [],
        "mbpp-plus-0.1.0@head": ["Mbpp/164", "Mbpp/295"],
        "mbpp-plus-0.1.0@0.2.1": ["Mbpp/164", "Mbpp/295"],
        "mbpp-plus-0.1.0": [],
    }
    assert list(known_unsound("humaneval-plus@head", PLUS_DATA[0].dataset.fingerprint)) == ["HumanEval/32"]


def test_one_release_of_evalplus_fails_every_answer_to_one_problem(sandbox: Sandbox, benchmarks: Path):
    task = cast("PlusTask", load("humaneval-plus@0.3.1", data_dir=benchmarks))
    problem = task.problems[32]
    few = replace(task, problems=[problem], expected=ExpectedValues([problem], trusted=True))
    [(_, outcome)] = sandbox.run([(0, few.program(problem, few.reference(problem)))])
    assert few.verdict(problem, outcome).detail.startswith("base input 1 of ")


PUBLISHED = tomllib.loads((Path(__file__).parent / "published_plus.toml").read_text())
AGREEING = {
    "humaneval-plus": ["HumanEval/0", "HumanEval/1", "HumanEval/32"],
    "mbpp-plus-0.1.0": ["Mbpp/2", "Mbpp/4", "Mbpp/581"],
}


@pytest.mark.parametrize("oracle", ["head", "0.2.1"])
@pytest.mark.parametrize("name", list(PUBLISHED))
def test_published_plus_verdicts_differ_where_there_is_a_reason(
    sandbox: Sandbox, benchmarks: Path, generations: Path, name: str, oracle: str
):
    """The rows that differ under any oracle, and a few that do not; tests/performance/published_plus.py runs all."""
    file = "humaneval" if name == "humaneval-plus" else "mbpp"
    lines = (generations / f"wavecoder-ultra-6.7b.{file}.jsonl").read_text().splitlines()
    published = {row["task_id"]: row for row in map(json.loads, lines)}
    task = cast("PlusTask", load(f"{name}@{oracle}", data_dir=benchmarks))
    wanted = {*PUBLISHED[name]["head"], *PUBLISHED[name]["0.2.1"], *AGREEING[name]}
    chosen = [problem for problem in task.problems if problem.task_id in wanted]
    few = replace(task, problems=chosen, expected=ExpectedValues(chosen, trusted=True))
    differing: set[str] = set()
    programs = (
        (each, few.program(each, few.extract(each, [published[each.task_id]["solution"]], AnswerForm.PROGRAM).code))
        for each in chosen
    )
    for problem, outcome in sandbox.run(programs):
        row = published[problem.task_id]
        passed = few.verdict(problem, outcome).verdict is Verdict.PASSED
        if passed != (row["passed"] and row["passed_plus"]):
            differing.add(problem.task_id)
    assert differing == set(PUBLISHED[name][oracle])
