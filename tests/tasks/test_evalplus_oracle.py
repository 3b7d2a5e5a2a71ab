"""What counts as the expected value: EvalPlus' rules with their errors, and sound ones beside them."""

import base64
import math
import random
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy
import pytest

from tasks.evalplus.dataset import PLUS_DATA
from tasks.evalplus.digest import LARGE_BYTES, digest_of, is_large
from tasks.evalplus.inputs import humaneval_inputs, mbpp_inputs
from tasks.evalplus.oracle import ABSOLUTE, RELATIVE, CandidateRaised, OracleRule, WrongResult, all_close, close, judge
from tasks.evalplus.task import _oracle_source  # pyright: ignore[reportPrivateUsage] # as programs hold it
from tasks.registry import load
from tasks.styles.style import load_style


def packed(base: list[Any], base_expected: list[Any], plus: list[Any] = [], plus_expected: list[Any] = []) -> str:  # noqa: B006
    import marshal

    expected = [[(value,) for value in values] for values in (base_expected, plus_expected)]
    return base64.b64encode(zlib.compress(marshal.dumps((base, plus, *expected), 2))).decode()


@cache
def early_names() -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(_oracle_source("0.2.1"), names)
    return names


def early_verdict(cases: str, got: Any, benchmark: str = "mbpp", name: str = "f", atol: float = 0) -> str:
    """Under 0.2.1, whose comparison is a text that stands behind the oracle's."""
    names = early_names()
    try:
        names["_wavebench_judge"](cases, names["_wavebench_rule"]("0.2.1", benchmark, name, atol), lambda *_: got)
    except Exception as error:
        return str(error)
    return "passed"


def verdict(
    cases: str, call: Callable[..., Any], oracle: str, benchmark: str = "mbpp", name: str = "f", atol: float = 0
):
    try:
        judge(cases, OracleRule(oracle, benchmark, name, atol), call)
    except (WrongResult, CandidateRaised) as error:
        return str(error)
    return "passed"


def test_the_first_input_that_fails_is_named_with_what_came_and_how_many_passed():
    cases = packed([[1], [2]], [2, 4], [[3], [40], [5]], [6, 80, 10])
    said = verdict(cases, lambda x: 2 * x if x < 10 else 0, "sound")
    assert said == "plus input 2 of 3 (3 of 5 passed): f(40) gave 0, expected 80"
    assert (
        verdict(cases, lambda x: 1 // (x - 2), "sound") == "base input 1 of 2 (0 of 5 passed): f(1) gave -1, expected 2"
    )
    raised = verdict(cases, lambda x: 2 * x if x < 3 else 1 // (x - x), "sound")
    assert raised == "plus input 1 of 3 (2 of 5 passed): f(3) raised ZeroDivisionError"


def test_long_arguments_and_values_are_shortened():
    said = verdict(packed([[list(range(1000))]], ["a" * 5000]), lambda _: "b" * 5000, "sound")
    assert len(said) < 500
    assert "f([0, 1, 2" in said


@pytest.mark.parametrize("oracle", ["head", "0.3.1"])
def test_upstreams_tolerance_stays_once_a_float_was_expected(oracle: str):
    near = {1: 1.0, 2: 1_000_000_001}
    ints_first = packed([[2], [1]], [1_000_000_000, 1.0])
    ints_last = packed([[1], [2]], [1.0, 1_000_000_000])
    assert verdict(ints_first, lambda x: near[x], oracle) != "passed"
    assert verdict(ints_last, lambda x: near[x], oracle) == "passed"


def test_the_sound_oracle_has_a_tolerance_for_each_value_alone():
    assert verdict(packed([[1], [2]], [1.0, 10**9]), lambda x: {1: 1.0, 2: 10**9 + 1}[x], "sound") != "passed"
    assert verdict(packed([[1]], [{"a": [0.3]}]), lambda _: {"a": [0.1 + 0.2]}, "sound") == "passed"
    assert verdict(packed([[1]], [{"a": [0.3]}]), lambda _: {"a": [0.1 + 0.2]}, "head") != "passed"
    assert verdict(packed([[1]], [[1, 2]]), lambda _: (1, 2), "sound") != "passed"


def test_a_root_is_tried_in_the_polynomial_and_upstream_in_the_one_that_the_candidate_left():
    cases = packed([[[1, 2]], [[-6, 11, -6, 1]]], [-0.5, 1.0])
    roots = {2: -0.5, 4: 3.0}

    def emptied(xs: list[float]) -> float:
        xs.clear()
        return 0

    for oracle, honest, forged in (("sound", True, False), ("head", True, True), ("0.3.1", False, False)):
        asked = ("humaneval", "find_zero", 1e-4)
        assert (verdict(cases, lambda xs: roots[len(xs)], oracle, *asked) == "passed") == honest
        assert (verdict(cases, emptied, oracle, *asked) == "passed") == forged


@pytest.mark.parametrize("oracle", ["sound", "head", "0.3.1"])
def test_special_oracles_of_mbpp(oracle: str):
    assert verdict(packed([[1]], [[1, 2]]), lambda _: (2, 1, 1), oracle, name="Diff") == "passed"
    assert verdict(packed([[1]], [[1, 2]]), lambda _: [[1], 2], oracle, name="Diff") != "passed"
    assert verdict(packed([["a"]], [True]), lambda _: "match", oracle, name="check_str") == "passed"
    assert verdict(packed([["a"]], [False]), lambda _: None, oracle, name="check_str") == "passed"
    assert verdict(packed([["a"]], [True]), lambda _: False, oracle, name="check_str") != "passed"
    assert verdict(packed([[1, 2]], [0]), lambda *_: 1, oracle, name="digit_distance_nums") == "passed"
    assert verdict(packed([[1, 256]], [0]), lambda *_: 12, oracle, name="digit_distance_nums") == "passed"
    assert verdict(packed([[3, 4]], [0]), lambda *_: 35, oracle, name="surface_Area") == "passed"
    assert verdict(packed([[3, 4]], [0]), lambda *_: 36, oracle, name="surface_Area") != "passed"


def test_what_upstream_accepts_without_looking_the_sound_oracle_looks_at():
    wrong = packed([[1]], [True])
    assert verdict(wrong, lambda _: "anything", "head", name="are_equivalent") == "passed"
    assert verdict(wrong, lambda _: "anything", "sound", name="are_equivalent") != "passed"
    assert verdict(packed([[1]], [7]), lambda _: 0, "head", name="sum_div") == "passed"
    assert verdict(packed([[1]], [7]), lambda _: 0, "sound", name="sum_div") != "passed"


def test_closeness_is_that_of_numpy():
    chance = random.Random(1)
    for _ in range(500):
        wanted = [chance.choice([0.0, 1.0, -1e9, 1e-8, math.inf, -math.inf]) for _ in range(chance.randint(1, 3))]
        got = [value + chance.choice([0, 1e-7, 9.9e-7, 1.1e-6, 101, 99]) for value in wanted]
        got[0] = chance.choice([got[0], 0.0, math.inf])
        for mine, right in ((got, wanted), (got[0], wanted[0]), ([got, wanted], [wanted, got])):
            with numpy.errstate(invalid="ignore"):
                assert all_close(mine, right, 1e-6) == numpy.allclose(mine, right, rtol=1e-07, atol=1e-6)
    assert not all_close(math.nan, math.nan, 1e-6)
    assert close(math.nan, math.nan, 1e-6)
    assert not close(0, math.inf, 1e-6)
    assert not close(-math.inf, math.inf, 1e-6)
    assert close([math.inf], [math.inf], 1e-6)


def test_the_oracle_of_0_2_1_knows_no_sets_and_no_second_reading():
    assert early_verdict(packed([[1]], [{1, 2}]), [1, 2], name="extract_singly") != "passed"
    assert early_verdict(packed([[1]], [[1, 2]]), [2, 1], name="Diff") != "passed"
    assert early_verdict(packed([[3, 4]], [0]), 35, name="surface_Area") != "passed"
    assert early_verdict(packed([["a"]], [False]), None, name="check_str") == "passed"
    assert early_verdict(packed([[1]], [7]), 0, name="sum_div") == "passed"
    assert early_verdict(packed([[1]], [True]), "anything", name="are_equivalent") == "passed"
    root = packed([[[1, 2]]], [-0.5])
    assert early_verdict(root, -0.5, "humaneval", "find_zero", 1e-4) == "passed"
    assert early_verdict(root, -9.0, "humaneval", "find_zero", 1e-4) != "passed"  # below zero there, and not the root


def test_closeness_under_0_2_1_is_that_of_numpy_testing():
    chance = random.Random(2)
    values = [0.0, 1.0, -1e9, math.inf, -math.inf, math.nan]
    for _ in range(300):
        wanted: Any = [chance.choice(values) for _ in range(chance.randint(0, 3))]
        got: Any = [value + chance.choice([0, 1e-7, 1.1e-6, 101, 99]) for value in wanted]
        for mine, right in ((got, wanted), (got[:1], wanted), (1.0, wanted), (got, 0.0), ([got, got], [wanted, got])):
            with numpy.errstate(invalid="ignore"):
                try:
                    numpy.testing.assert_allclose(mine, right, rtol=RELATIVE, atol=ABSOLUTE)
                    theirs = True
                except AssertionError:
                    theirs = False
            # an expected float first, so that there is a tolerance
            said = early_verdict(packed([[1]], [right]), mine, atol=ABSOLUTE)
            assert (said == "passed") == theirs, (mine, right)


EQUAL = [(1, 1.0), (True, 1), ([0.0, 2], [-0.0, 2.0]), ({"a": 1, "b": 2}, {"b": 2.0, "a": 1}), ({1, 2}, {2, 1})]
DIFFERENT = [([1], (1,)), ("1", 1), (["a", "b"], ["ab"]), ([1.5], [1.25]), ([[1], []], [[], [1]]), (None, 0), ("", [])]


def test_equal_values_have_equal_digests_and_others_do_not():
    for one, other in EQUAL:
        assert digest_of(one)[0] == digest_of(other)[0], (one, other)
        assert digest_of([one, "x"])[0] == digest_of([other, "x"])[0], (one, other)
    for one, other in DIFFERENT:
        assert digest_of(one)[0] != digest_of(other)[0], (one, other)
    assert digest_of(object())[0].startswith("no plain value")
    assert not is_large([1] * 100)
    assert all(map(is_large, ("a" * (LARGE_BYTES + 1), [0] * (LARGE_BYTES + 1), 1 << (1 << 20), [["a" * 9] * 5000])))


@pytest.mark.parametrize(
    ("number", "text", "rebuilt"),
    [
        (2, "[[[1], [2, 3]]]", [[(1,), (2, 3)]]),
        (63, "[[[[1, 2], [3, 4]]]]", [[[(1, 2), (3, 4)]]]),
        (75, "[[[[1, 2]], 2]]", [[[(1, 2)], 2]]),
        (106, "[[[1], [2]]]", [[[1], (2,)]]),
        (115, "[[[[1, 1], [], {}]]]", [[[{1}, {}, {}]]]),
        (124, '[["1.5", "1j"]]', [[1.5, 1j]]),
        (250, "[[[1, 2], 1]]", [[(1, 2), 1]]),
        (252, '[["1+2j"]]', [[1 + 2j]]),
        (259, "[[[[1, 2]], [[3]]]]", [[((1, 2),), ((3,),)]]),
        (278, "[[[1, [2]]]]", [[(1, (2,))]]),
        (307, '[[["a"], 0, 5]]', [[("a",), 0, 5]]),
        (580, "[[[1, [2, [3]]]]]", [((1, (2, (3,))),)]),
        (722, '[[{"a": [1]}, 2]]', [[{"a": (1,)}, 2]]),
        (793, "{}", []),
        (3, "[[[1]]]", [[[1]]]),
    ],
)
def test_inputs_of_mbpp_are_rebuilt_by_their_problems_number(number: int, text: str, rebuilt: list[Any]):
    assert mbpp_inputs(number, text) == rebuilt


def test_inputs_of_humaneval_are_as_json_has_them():
    assert humaneval_inputs("[[[1.0, 2], 0.5]]") == [[[1.0, 2], 0.5]]


THEIR_EOS = ["<|endoftext|>", "<|endofmask|>", "</s>", "\nif __name__", "\ndef main(", "\nprint("]
THEIR_MORE = {
    "humaneval": ["\ndef ", "\nclass ", "\nimport ", "\nfrom ", "\nassert "],
    "mbpp": ['\n"""', "\nassert"],
}
INSTRUCTION = (
    "Please provide a self-contained Python script that solves the following problem in a markdown code block:"
)
RESPONSE = (
    "Below is a Python script with a self-contained function that solves the problem and passes corresponding tests:"
)


@pytest.mark.parametrize("number", [0, 1])
def test_prompts_are_those_of_evalplus_to_the_byte(benchmarks: Path, number: int):
    """evalplus/codegen.py and provider/utility.py of 0.3.1."""
    data = PLUS_DATA[number]
    for problem in load(data.dataset.name, data_dir=benchmarks).problems[::40]:
        theirs = problem.prompt.strip() + "\n"
        base, chat = (load_style(data.styles, name).prompt(problem.fields) for name in ("evalplus", "evalplus-chat"))
        assert base.text == theirs
        assert list(base.stop) == [*THEIR_EOS, *THEIR_MORE[data.benchmark]]
        assert [message.content for message in chat.messages] == [f"{INSTRUCTION}\n```\n{theirs.strip()}\n```\n"]
        assert chat.prefill == f"{RESPONSE}\n```python\n"
        assert list(chat.stop) == [*THEIR_EOS, "\n```\n"]
