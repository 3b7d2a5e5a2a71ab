"""Assertions are counted where the candidate cannot reach them."""

from collections.abc import Iterator

import pytest

from sandbox.launch import open_sandbox
from sandbox.outcome import Ending, Outcome, Tier
from sandbox.program import Program
from sandbox.sandbox import Sandbox
from tasks.counted_tests import counted, share_held
from tasks.split_tests import split_tests

TESTS = """
def check(candidate):
    assert candidate(1) == 1
    for x in (2, -2, 3):
        assert candidate(x) == x * x, x
    assert candidate(-1) == 1
    if candidate(0) == 0:
        assert candidate(5) == 25
check(f)
"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with open_sandbox(workers=1) as opened:
        yield opened


def share(sandbox: Sandbox, body: str, tests: str = TESTS) -> float | None:
    code = f"def f(x):\n{body}\n"
    program = Program("python", {"main.py": f"{code}\n{tests}"}, split=split_tests(code, "", tests, "f"))
    reworded = counted(program)
    assert reworded
    [(_, outcome)] = sandbox.run([(0, reworded)])
    return share_held(outcome)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("    return x * x", 1.0),
        ("    return x * x if x > 0 else 0", 0.5),
        ("    return 1", 0.5),
        ("    return None", 0.0),
        ("    raise ValueError(x)", 0.0),
        ("    raise AssertionError('held 4 of 4')", 0.0),
        ("    import os; os._exit(0)", 0.0),
    ],
)
def test_an_assertion_counts_if_it_always_holds(sandbox: Sandbox, body: str, expected: float):
    assert share(sandbox, body) == expected


def test_what_no_plain_value_carries_counts_nothing(sandbox: Sandbox):
    assert share(sandbox, "    class E:\n        def __eq__(self, o): return True\n    return E()") == 0.0


def test_tests_without_an_assertion_or_a_split_are_not_counted():
    assert counted(Program("python", {"main.py": "pass"})) is None
    assert counted(Program("python", {"main.py": "f()"}, split=split_tests("f = int", "", "f()\n", "f"))) is None


def test_a_failed_sandbox_says_nothing():
    outcome = Outcome(Ending.SANDBOX_FAILED, False, None, None, 0, 0, 0, "", "", Tier.NAMESPACES)
    assert share_held(outcome) is None
