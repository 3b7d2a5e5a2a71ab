"""Tests apart from their candidate: honest answers hold, and what cannot cross is said to be so."""

import time

import pytest

from sandbox.outcome import Confirmation, Ending
from sandbox.program import Limits, Program, SplitTests


@pytest.fixture
def confirm(sandbox):
    """Runs a candidate's code against tests of `f`, both ways."""

    def run(candidate: str, tests: str, helpers: str = "", **limits: float):
        apart = SplitTests(candidate, helpers, tests, ("f",))
        whole = f"{candidate}\n{tests}"
        program = Program("python", {"main.py": whole}, limits=Limits(**limits), split=apart)  # type: ignore[arg-type]
        [(_, outcome)] = sandbox.run([(0, program)])
        return outcome

    return run


HONEST = {
    "value": ("def f(x): return x + 1", "assert f(1) == 2"),
    "exact types": ("def f(): return (1, [2.0, {3: {4}}], None)", "assert f() == (1, [2.0, {3: {4}}], None)"),
    "keywords": ("def f(a, *, b=1): return a - b", "assert f(5, b=2) == 3"),
    "mutated argument": ("def f(xs): xs.sort()", "xs = [3, 1]; f(xs); assert xs == [1, 3]"),
    "mutated inside": ("def f(m): m[0][1] = 9", "m = [[1, 2], [3]]; f(m); assert m == [[1, 9], [3]]"),
    "grown dictionary": ("def f(d): d['a'] = [1]", "d = {}; f(d); assert d == {'a': [1]}"),
    "the argument itself": ("def f(xs): xs.append(1); return xs", "xs = []; assert f(xs) is xs and xs == [1]"),
    "exception": (
        "def f(): raise ValueError('no')",
        "try:\n    f()\nexcept ValueError:\n    pass\nelse:\n    assert False",
    ),
    "generator": ("def f():\n    yield from (1, 2)", "assert list(f()) == [1, 2]"),
    "map": ("def f(): return map(abs, [-1])", "assert list(f()) == [1]"),
    "named tuple": (
        "from collections import namedtuple\nP = namedtuple('P', 'x y')\ndef f(): return P(1, 2)",
        "assert f() == (1, 2)",
    ),
    "counter": ("from collections import Counter\ndef f(): return Counter('aa')", "assert f() == {'a': 2}"),
    "numpy scalar": ("import numpy as np\ndef f(): return np.float64(2)", "assert f() == 2"),
    "truth of a match": ("import re\ndef f(s): return re.match('a', s)", "assert f('ab')\nassert not f('b')"),
    "a type as argument": ("def f(xs, t): return [x for x in xs if type(x) is t]", "assert f([1, 'a'], int) == [1]"),
    "state of its own": ("n = [0]\ndef f():\n    n[0] += 1\n    return n[0]", "assert (f(), f()) == (1, 2)"),
    "nan": ("def f(): return float('nan')", "x = f(); assert x != x"),
    "recursion": ("def f(n): return 1 if n < 2 else n * f(n - 1)", "assert f(200) > 10**300"),
    "prints": ("print('at start')\ndef f(): print('inside'); return 1", "assert f() == 1"),
}


@pytest.mark.parametrize("name", HONEST)
def test_honest_answers_hold(confirm, name: str):
    outcome = confirm(*HONEST[name])
    assert outcome.finished, outcome.stderr
    assert (outcome.confirmation, outcome.confirmation_detail) == (Confirmation.HELD, "")


def test_helpers_of_the_prompt_are_there_on_both_sides(confirm):
    helpers = "def twice(x): return 2 * x\ndef f(x):\n    '''Halves.'''"
    outcome = confirm(f"{helpers}\n    return x // 2", "assert f(twice(21)) == 21", helpers)
    assert outcome.confirmation is Confirmation.HELD


def test_a_wrong_answer_is_refuted_and_fails(confirm):
    outcome = confirm("def f(): return 1", "assert f() == 2")
    assert not outcome.finished
    assert outcome.confirmation is Confirmation.REFUTED


INEXPRESSIBLE = {
    "a function as argument": ("def f(g): return g(1)", "assert f(lambda x: x) == 1", "an argument of f cannot cross"),
    "somebody else's object": ("import array\ndef f(): return array.array('i', [1])", "assert f()[0] == 1", "array"),
    "an object of its own": (
        "class C:\n    x = 1\ndef f(): return C()",
        "assert f().x == 1",
        "a C, which cannot cross",
    ),
    "too large an integer": (
        "def f(): return 1 << 2_000_000",
        "assert f() > 1",
        "an int (it has more than a million bits), which cannot cross",
    ),
    "too deep a list": (
        "def f():\n    deep = []\n    for _ in range(80):\n        deep = [deep]\n    return deep",
        "assert f() == 1",
        "a value of type list (the value is nested deeper than 64 levels), which cannot cross",
    ),
    "a program that does not load": ("def f(): return 1\n1 / 0", "assert f() == 1", "ZeroDivisionError"),
    "an attribute": ("def f(): return 1\nf.calls = 0", "f(); assert f.calls == 0", "only calls can cross"),
    "caught by the tests": (
        "def f(g): return g(1)",
        "try:\n    f(len)\nexcept BaseException:\n    pass",
        "cannot cross",
    ),
}


@pytest.mark.parametrize("name", INEXPRESSIBLE)
def test_what_plain_values_cannot_carry_is_inexpressible(confirm, name: str):
    candidate, tests, why = INEXPRESSIBLE[name]
    outcome = confirm(candidate, tests)
    assert outcome.confirmation is Confirmation.INEXPRESSIBLE
    assert why in outcome.confirmation_detail


UNBOUNDED = {
    "decimal": ("from decimal import Decimal\ndef f(): return Decimal('1e999999999')", "assert int(f()) > 0", "digits"),
    "fraction": ("from fractions import Fraction\ndef f(): return Fraction(1, 1 << 10**6)", "assert f() + 1", "bits"),
    "integer": ("def f(): return [1 << 20_000_000]", "assert str(f()[0])", "million bits"),
    "range": ("def f(): return range(10**12)", "assert sum(f())", "million items"),
}


@pytest.mark.parametrize("name", UNBOUNDED)
def test_a_number_whose_use_has_no_bound_holds_no_worker(confirm, name: str):
    candidate, tests, bound = UNBOUNDED[name]
    begun = time.monotonic()
    outcome = confirm(candidate, tests, cpu_seconds=0.5)
    assert outcome.confirmation is Confirmation.INEXPRESSIBLE
    assert bound in outcome.confirmation_detail
    assert time.monotonic() - begun < 10


def test_an_iterator_that_raises_is_said_not_to_cross(confirm):
    candidate = "def f():\n    yield 1\n    raise ValueError"
    outcome = confirm(candidate, "try:\n    list(f())\nexcept ValueError:\n    pass\nelse:\n    assert False")
    assert outcome.finished
    assert outcome.confirmation is Confirmation.INEXPRESSIBLE


def test_an_exception_that_the_tests_name_is_theirs_to_catch(confirm):
    for error in ("StopIteration", "SystemExit"):
        tests = f"try:\n    f()\nexcept {error}:\n    pass\nelse:\n    assert False"
        assert confirm(f"def f(): raise {error}", tests).confirmation is Confirmation.HELD


SILENT = {
    "map": "for answer in map(f, [1, 2]):\n    assert answer == 1",
    "all": "assert all(x == 1 for x in map(f, [1, 2]))",
    "list": "list(map(f, [1, 2]))",
    "sentinel": "for answer in iter(lambda: f(1), 2):\n    assert answer == 1",
    "next": "assert next(map(f, [1]), 1) == 1",
}


@pytest.mark.parametrize("error", ["StopIteration", "StopAsyncIteration", "GeneratorExit", "SystemExit(0)"])
@pytest.mark.parametrize("tests", SILENT)
def test_an_exception_that_skips_assertions_is_never_held(confirm, tests: str, error: str):
    candidate = f"def f(x): raise {error}"
    outcome = confirm(candidate, SILENT[tests])
    assert outcome.confirmation is Confirmation.REFUTED, outcome


@pytest.mark.parametrize("error", ["SystemExit", "KeyboardInterrupt", "GeneratorExit"])
def test_what_is_no_exception_is_caught_by_no_test_that_expects_one(confirm, error: str):
    outcome = confirm(f"def f(): raise {error}", "try:\n    f()\nexcept Exception:\n    pass")
    assert outcome.confirmation is Confirmation.REFUTED


def test_the_whole_program_runs_in_a_process_that_saw_no_call(confirm):
    counted = "import os\nopen('seen', 'a').write('x')\ndef f(): return os.path.getsize('seen')"
    outcome = confirm(counted, "assert f() == 1")
    assert outcome.finished, "the calls apart had left something behind"


def test_nothing_of_the_calls_apart_lives_on(confirm):
    daemon = (
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(50)\n"
        "def f(): return len([p for p in os.listdir('/proc') if p.isdigit()])"
    )
    outcome = confirm(daemon, "assert f() in (2, 3)")
    assert outcome.finished, outcome.stderr


def test_a_loop_during_the_calls_meets_the_cpu_limit(confirm):
    assert confirm("def f():\n    while True: pass", "f()", cpu_seconds=0.5).ending is Ending.CPU_LIMIT


def test_the_clock_starts_anew_with_the_whole_program(confirm):
    busy = "import time\ndef f():\n    while time.process_time() < 0.5: pass\n    return 1"
    outcome = confirm(busy, "assert f() == 1", cpu_seconds=0.9)
    assert outcome.finished
    assert outcome.confirmation is Confirmation.HELD
    assert outcome.cpu_seconds < 0.9


def test_endless_tests_end(confirm):
    outcome = confirm("def f(): return 1", "f()\nwhile True: pass", cpu_seconds=0.5)
    assert outcome.confirmation is Confirmation.INEXPRESSIBLE
    assert outcome.ending is Ending.CPU_LIMIT


def test_a_tester_serves_on_after_trouble(confirm):
    confirm("import os; os._exit(0)", "f()")
    confirm("def f(): return 1", "raise SystemExit")
    assert confirm("def f(): return 1", "assert f() == 1").confirmation is Confirmation.HELD


TRICKLE = """
import os, struct, sys, time
def f():
    answers = sys._getframe(1).f_globals.get("_ANSWERS")
    if answers is None:
        return 1
    os.write(answers, struct.pack("<I", 1 << 23))
    for _ in range(1500):
        os.write(answers, b"x")
        time.sleep(0.02)
"""


def test_an_answer_that_arrives_byte_by_byte_reaches_the_wall_limit(confirm):
    began = time.monotonic()
    outcome = confirm(TRICKLE, "assert f() == 1", wall_seconds=1)
    assert outcome.confirmation is Confirmation.INEXPRESSIBLE
    assert "kept its tests waiting" in outcome.confirmation_detail
    assert time.monotonic() - began < 15, "it would go on for half a minute, or for days"


def test_many_cheap_calls_do_not_make_a_program_slow(confirm):
    """What crosses costs more than they do: only the whole program tells whether it stays within its limit."""
    outcome = confirm("def f(x): return x", "assert all(f(n) == n for n in range(60_000))", cpu_seconds=0.3)
    assert outcome.finished, outcome
    assert outcome.confirmation in (Confirmation.HELD, Confirmation.INEXPRESSIBLE)
