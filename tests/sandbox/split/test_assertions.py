"""Each assertion of tests in Python is told, and the verdict is that of the first that fails."""

import ast

import pytest

from sandbox.outcome import Assertion, Confirmation, Ending, Outcome
from sandbox.program import Limits, Program, SplitTests
from sandbox.split.assertions import recorded, shown

CHECK = """
def check(candidate):
    assert True, "says nothing of the candidate"
    assert candidate(1) == 1, "first"
    for x in (2, -2, 3):
        assert candidate(x) == x * x, x
    for x, y in [(4, 16), (5, 25)]:
        assert candidate(x) == y
    assert abs(candidate(1.5) - 2.25) < 1e-6
    assert not candidate(0)
    assert candidate(-1) == 1
check(f)
"""


@pytest.fixture
def confirm(sandbox):
    """Runs a candidate's code against tests of `f`, which alone decide."""

    def run(candidate: str, tests: str = CHECK, **limits: float) -> Outcome:
        split = SplitTests(candidate, "", tests, ("f",))
        program = Program("python", {"main.py": ""}, limits=Limits(**limits), split=split, split_alone=True)  # type: ignore[arg-type]
        [(_, outcome)] = sandbox.run([(0, program)])
        return outcome

    return run


def marks(outcome: Outcome) -> str:
    """One letter an assertion."""
    assert [each.number for each in outcome.assertions] == list(range(len(outcome.assertions)))
    return "".join("+" if each.held else "-" for each in outcome.assertions)


def first_failing(outcome: Outcome) -> Assertion | None:
    return next((each for each in outcome.assertions if not each.held), None)


ANSWERS = {
    "right": ("return x * x", "+++++++++", None),
    "negative": ("return x * x if x > 0 else 0", "++-+++++-", ("f(-2)", "4", "0")),
    "constant": ("return 1", "+-------+", ("f(2)", "4", "1")),
    "none": ("return None", "-------+-", ("f(1)", "1", "None")),
    "raises": ("return 1 / (x - 3) and x * x", "+++-+++++", ("f(3)", "x * x", "raised ZeroDivisionError")),
    "leaves": ("raise SystemExit", "---------", ("f(1)", "1", "raised SystemExit")),
    "ends": (
        "import os\n    os._exit(0) if x == 3 else 0\n    return x * x",
        "+++------",
        ("f(3)", "x * x", "the candidate's process ended"),
    ),
    "lies": (
        "return type('Lie', (int,), {'__eq__': lambda *_: True, '__hash__': None})(7)",
        "---------",
        ("f(1)", "1", "7"),
    ),
    "huge": ("return 1 << 90_000", "---------", ("f(1)", "1", "an int of 90001 bits")),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_each_assertion_is_told_and_the_first_that_fails_with_its_call(confirm, name: str):
    body, expected, failing = ANSWERS[name]
    outcome = confirm(f"def f(x):\n    {body}\n")
    assert marks(outcome) == expected
    found = first_failing(outcome)
    assert (found and (found.call, found.expected, found.got)) == failing
    assert outcome.confirmation is (Confirmation.REFUTED if failing else Confirmation.HELD)


WORDS = {
    "all of it, where it is no equality": ("assert sorted(f(2)) <= [1]", "sorted(f(2)) <= [1]"),
    "the side without a call": ("assert {1: 2} == f(2)", "{1: 2}"),
    "the literal": ("answer = f(2)\nassert [1, 2] == answer", "[1, 2]"),
    "the name's value": ("right = [1, 'a']\nassert f(2) == right", "[1, 'a']"),
    "the right side, where both call": ("assert set(f(2)) == set((1, 2))", "set((1, 2))"),
}


@pytest.mark.parametrize("name", WORDS)
def test_what_was_expected_is_told_in_words(confirm, name: str):
    tests, expected = WORDS[name]
    failing = first_failing(confirm("def f(x): return [7]", tests))
    assert failing
    assert (failing.call, failing.expected, failing.got) == ("f(2)", expected, "[7]")


def test_a_call_is_told_as_it_was_before_the_candidate_changed_its_arguments(confirm):
    failing = first_failing(confirm("def f(xs, *, by): xs.append(by)", "xs = [1]; f(xs, by=2); assert xs == []"))
    assert failing
    assert (failing.call, failing.expected, failing.got) == ("f([1], by=2)", "[]", "None")


def test_texts_are_bounded(confirm):
    tests = "assert f('y' * 100_000) == ['z' * 1000] * 1000"
    failing = first_failing(confirm("def f(x): return [[x] * 3] * 3", tests))
    assert failing
    assert all(0 < len(text) < 310 for text in (failing.call, failing.expected, failing.got))
    assert shown([1 << 100_000, b"x" * 10_000, {"k": 1}])[:24] == "[an int of 100001 bits, "


# What is counted moves no verdict: (candidate, tests, what the tests end with).
SETTLED = {
    "an endless call": (
        "def f(x):\n    while x == 2: pass\n    return 0",
        "for x in (1, 2, 3): assert f(x) == 1, 'no'",
        "AssertionError: no",
    ),
    "a call that sleeps": (
        "import time\ndef f(x):\n    time.sleep(99 * (x == 2))\n    return 0",
        "for x in (1, 2, 3): assert f(x) == 1, 'no'",
        "AssertionError: no",
    ),
    "what cannot cross": (
        "def f(x): return 0 if x == 1 else type('Own', (), {})()",
        "for x in (1, 2, 3): assert f(x) + 1 == 2, 'no'",
        "AssertionError: no",
    ),
    "memory": (
        "def f(x): return 0 if x == 1 else len(bytearray(1 << 29))",
        "for x in (1, 2, 3): assert f(x) == 1, 'no'",
        "AssertionError: no",
    ),
    "an operation that nothing interrupts": (
        "def f(x): return 0 if x == 1 else 10**9",
        "for x in (1, 2): assert 10 ** f(x) == 7, 'no'",
        "AssertionError: no",
    ),
    "tests that need the first answer": (
        "def f(x): return []",
        "assert f(1)\nx = f(1)[0]\nassert x == 1",
        "AssertionError: ",
    ),
}


@pytest.mark.parametrize("name", SETTLED)
def test_what_is_only_counted_moves_no_verdict(confirm, name: str):
    candidate, tests, detail = SETTLED[name]
    outcome = confirm(candidate, tests, memory_mb=256)
    assert (outcome.ending, outcome.confirmation) == (Ending.EXITED, Confirmation.REFUTED)
    assert outcome.confirmation_detail == detail
    assert set(marks(outcome)) == {"-"}


# A failure that the tests may make something of is theirs, as it always was.
HANDLED = {
    "try": "try:\n    assert f(1) == 2\nexcept AssertionError:\n    pass\nassert f(1) == 1",
    "try around a call": (
        "def check():\n    assert f(1) == 2\ntry:\n    check()\nexcept AssertionError:\n    pass\nassert f(1) == 1"
    ),
    "with": "import contextlib\nwith contextlib.suppress(AssertionError):\n    assert f(1) == 2\nassert f(1) == 1",
    "a library": (
        "import unittest\ndef check():\n    assert f(1) == 2\n"
        "unittest.TestCase().assertRaises(AssertionError, check)\nassert f(1) == 1"
    ),
    "a thread": (
        "import threading\ndef check():\n    assert f(1) == 2\nthreading.excepthook = print\n"
        "thread = threading.Thread(target=check)\nthread.start()\nthread.join()\nassert f(1) == 1"
    ),
}


@pytest.mark.parametrize("name", HANDLED)
def test_a_failure_that_the_tests_handle_is_none(confirm, name: str):
    outcome = confirm("def f(x): return x", HANDLED[name])
    assert (outcome.confirmation, marks(outcome)) == (Confirmation.HELD, "+")


def test_a_failure_that_could_have_been_handled_ends_the_tests(confirm):
    tests = "try:\n    assert f(1) == 1\n    assert f(2) == 3\nexcept TypeError:\n    pass\nassert f(1) == 1"
    outcome = confirm("def f(x): return x", tests)
    assert (outcome.confirmation, outcome.confirmation_detail) == (Confirmation.REFUTED, "AssertionError: ")
    assert marks(outcome) == "+-"
    assert first_failing(outcome) == Assertion(1, False, "f(2)", "3", "2")


def test_what_fails_without_an_assertion_is_told(confirm):
    outcome = confirm("def f(x): return x", "assert f(1) == 1\nf(2).upper()\nassert f(3) == 3")
    assert (marks(outcome), first_failing(outcome)) == ("+-", Assertion(1, False, "f(2)", "", "2"))


@pytest.mark.parametrize(("candidate", "told"), [("return x", "+"), ("return x + ''", "-")])
def test_tests_without_an_assertion_are_one(confirm, candidate: str, told: str):
    assert marks(confirm(f"def f(x): {candidate}", "f(1)\nf(2)")) == told


def test_a_thousand_are_told_and_the_first_failure_always(confirm):
    outcome = confirm("def f(x): return x % 1500", "for x in range(2000): assert f(x) == x")
    assert len(outcome.assertions) == 1000
    assert sum(each.held for each in outcome.assertions) == 999
    assert first_failing(outcome) == Assertion(1500, False, "f(1500)", "1500", "0")


@pytest.mark.parametrize("candidate", ["def f(x): return type('Own', (), {})()", "1 / 0"])
def test_what_is_inexpressible_tells_of_no_assertion(confirm, candidate: str):
    outcome = confirm(candidate, "assert f(1) + 1 == 2")
    assert (outcome.confirmation, outcome.assertions) == (Confirmation.INEXPRESSIBLE, ())


def test_a_limit_tells_how_far_the_tests_came(confirm):
    candidate = "def f(x):\n    while x == 3: pass\n    return x"
    outcome = confirm(candidate, "for x in (1, 2, 3, 4): assert f(x) == x", cpu_seconds=0.5)
    assert (outcome.ending, marks(outcome)) == (Ending.CPU_LIMIT, "++--")


def test_a_candidate_that_looks_like_a_recorder_is_none(confirm):
    candidate = (
        "import builtins, sys\nfor name in ('.held', '.failed'):\n    globals()[name] = lambda *_: True\n"
        "    setattr(builtins, name, lambda *_: True)\ndef f(x): return 0\n"
    )
    outcome = confirm(candidate, "assert f(1) == 1\nassert f(0) == 0")
    assert (outcome.confirmation, marks(outcome)) == (Confirmation.REFUTED, "-+")


def test_tests_are_changed_in_nothing_but_their_assertions():
    code = recorded("assert True\nassert 1 in (x for x in (1,))\nclass A:\n    assert 2\n    assert A\n")
    assert [ast.unparse(code.asserted(place)) for place in range(2)] == ["1 in (x for x in (1,))", "A"]
    assert recorded("f(1)").places == ()


def test_tests_that_do_not_compile_are_refuted(confirm):
    outcome = confirm("def f(x): return x", "assert f(1) == 1\nreturn")
    assert (outcome.confirmation, marks(outcome)) == (Confirmation.REFUTED, "-")
    assert outcome.confirmation_detail.startswith("SyntaxError: ")


def test_helpers_see_what_the_tests_define(sandbox):
    helpers, tests = "def times(x): return FACTOR * f(x)", "FACTOR = 2\nassert times(3) == 6"
    split = SplitTests("def f(x): return x", helpers, tests, ("f",))
    [(_, outcome)] = sandbox.run([(0, Program("python", {"main.py": ""}, split=split, split_alone=True))])
    assert (outcome.confirmation, marks(outcome)) == (Confirmation.HELD, "+")


def test_a_condition_over_several_lines_is_told(confirm):
    failing = first_failing(confirm("def f(x): return x", "assert f(\n  1) == (2 if f\n  else 3)"))
    assert failing
    assert failing.expected == "2 if f else 3"
