"""A program that is compiled in two pieces does what it does as a whole; where it might not, it is not."""

from dataclasses import replace
from types import CodeType

import pytest

from sandbox.outcome import Confirmation, Ending
from sandbox.program import Limits, Program, SplitTests
from sandbox.python.precompile import compile_quietly, compile_tests, lines_above_tests, whole_code
from sandbox.python.runner import load_whole_code

TESTS = "def check(f):\n    assert f(1) == 2, 'no'\n    assert [f(n) for n in (1, 2)] == [2, 3]\n\ncheck(f)"


def program(candidate: str, tests: str = TESTS, between: str = "\n") -> Program:
    return Program(
        "python", {"main.py": f"{candidate}{between}{tests}"}, split=SplitTests(candidate, "", tests, ("f",))
    )


def positions(code: CodeType) -> list[object]:
    """Every instruction's place in the source, in this code and all within it."""
    inner = [positions(each) for each in code.co_consts if isinstance(each, CodeType)]
    return [code.co_name, list(code.co_positions()), *inner]


def test_tests_compiled_alone_lie_where_they_lie_in_the_whole_program():
    candidate = "import math\n\ndef f(x):\n    return x + 1"
    asked = program(candidate)
    above = lines_above_tests(asked)
    assert above == 4
    whole = compile(asked.files["main.py"], "main.py", "exec", dont_inherit=True)
    moved = compile_tests(TESTS, "main.py", above)
    inner = [each for each in whole.co_consts if isinstance(each, CodeType) and each.co_name == "check"]
    [check] = [each for each in moved.co_consts if isinstance(each, CodeType)]
    assert [positions(each) for each in inner] == [positions(check)]


def test_the_two_pieces_do_what_the_whole_does():
    code = compile_quietly("def f(x):\n    return x + 1")
    assert code
    namespace: dict[str, object] = {}
    for piece in load_whole_code(whole_code(code, TESTS, 2)):
        exec(piece, namespace)
    assert callable(namespace["check"])


@pytest.mark.parametrize(
    "candidate",
    [
        "def f(x):\n    return x + 1\n\\",
        "def f(x): return 2\n@",
        "def f(x):",
        "def f(x): return '''",
        "f = (lambda x: 2",
        "",
    ],
    ids=["backslash", "decorator", "open block", "open string", "open bracket", "empty"],
)
def test_a_candidate_that_would_reach_into_its_tests_does_not_compile_alone(candidate: str):
    with pytest.raises(SyntaxError):
        compile(candidate or "(", "main.py", "exec")
    assert not candidate or compile_quietly(candidate) is None


@pytest.mark.parametrize(
    ("candidate", "tests", "between"),
    [
        ("__builtins__ = {}\ndef f(x): return x + 1", TESTS, "\n"),
        ("import sys\ndef f(x): return sys._getframe(1)", TESTS, "\n"),
        ("def f(x): return x + 1", f"'''What is tested'''\n{TESTS}", "\n"),
        ("def f(x): return x + 1", TESTS, "\nf = None\n"),
        ("def f(x): return x + 1", TESTS, ""),
        ("def f(x):\r\n    return x + 1", TESTS, "\n"),
    ],
    ids=["own built-ins", "own frames", "docstring", "more between", "one line", "other line ends"],
)
def test_what_has_a_meaning_for_both_is_compiled_as_a_whole(candidate: str, tests: str, between: str):
    assert lines_above_tests(program(candidate, tests, between)) is None


@pytest.mark.parametrize("future", ["__future__", "__\uff46uture__"], ids=["plain", "other letters"])
def test_a_future_of_the_candidate_holds_for_its_tests_too(future: str):
    code = compile_quietly(f"from {future} import annotations\ndef f(x): return x + 1")
    assert code
    assert whole_code(code, TESTS, 2) == b""


def test_large_code_of_a_short_source_is_not_kept():
    code = compile_quietly("x = " + ",".join(f"'{n}' * 1000" for n in range(1000)))
    assert code
    assert whole_code(code, TESTS, 2) == b""


def test_functions_too_deep_for_marshal_are_compiled_as_a_whole(sandbox):
    candidate, tests = f"g = {'lambda: ' * 1100}0\ndef f(x): return x + 1", "assert f(1) == 2"
    code = compile_quietly(candidate)
    assert code
    assert whole_code(code, tests, 2) == b""
    asked = program(candidate, tests)
    [(_, outcome)] = sandbox.run([(0, asked)])
    assert outcome.finished, outcome
    assert outcome.confirmation is Confirmation.HELD, outcome.confirmation_detail


ENDLESS_TO_COMPILE = "def g(x):\n" + "".join(
    f"{' ' * n}try:\n{' ' * n} return 1\n{' ' * n}finally:\n" for n in range(1, 18)
)
"""Of each `finally` the compiler makes three: for the end, for an exception, and for the `return`."""


def test_what_takes_long_to_compile_does_so_within_its_own_limits(sandbox):
    limits = Limits(cpu_seconds=1, memory_mb=256)
    bomb = replace(program(f"{ENDLESS_TO_COMPILE}{' ' * 18}x\ndef f(x): return x + 1"), limits=limits)
    other = program("def f(x): return x + 1", "assert f(1) == 2")
    outcomes = dict(sandbox.run([(0, bomb), (1, other)]))
    assert outcomes[0].ending in (Ending.CPU_LIMIT, Ending.OUT_OF_MEMORY)
    assert outcomes[0].confirmation is not Confirmation.HELD
    assert outcomes[1].confirmation is Confirmation.HELD


def test_files_beside_it_are_compiled_as_ever():
    asked = program("def f(x): return x + 1")
    assert lines_above_tests(Program("python", {**asked.files, "more.py": ""}, split=asked.split)) is None


@pytest.mark.parametrize(
    "source",
    [
        "x = 1 is 1",
        "x = '\\d'",
        "x = " + "(" * 250 + ")" * 250,
        "x = '" + "y" * (1 << 17) + "'",
        "x = 1\0",
        "\ud800 = 1",
    ],
    ids=["warning", "escape", "deep", "long", "null", "surrogate"],
)
def test_what_does_not_compile_quietly_is_left_to_its_own_process(source: str):
    assert compile_quietly(source) is None


BOTH_WAYS = {
    "wrong": ("def f(x):\n    return x", "assert f(1) == 2, 'not two'"),
    "raises": ("def g(x):\n    return x[1]\n\ndef f(x):\n    return g(x)", "assert f(1) == 2"),
    "does not compile": ("def f(x):\n    return (", "assert f(1) == 2"),
    "leaves": ("import sys\ndef f(x): sys.exit(3)", "assert f(1) == 2"),
    "warns": ("def f(x):\n    return x is 1", "assert f(1) == 2"),
    "names": ("def f(x): return __name__, __doc__, __file__", "assert f(1) == 2"),
    "raises as it is loaded": ("def f(x): return 2\n1 / 0", "assert f(1) == 2"),
}


@pytest.mark.parametrize("name", BOTH_WAYS)
def test_what_is_said_of_a_failure_is_the_same_either_way(sandbox, name: str):
    candidate, tests = BOTH_WAYS[name]
    whole = {"main.py": f"{candidate}\n{tests}"}
    asked = [Program("python", whole), Program("python", whole, split=SplitTests(candidate, "", tests, ("f",)))]
    alone, confirmed = (outcome for _, outcome in sorted(sandbox.run(enumerate(asked)), key=lambda each: each[0]))
    assert (confirmed.stderr, confirmed.exit_code, confirmed.ending) == (alone.stderr, alone.exit_code, alone.ending)
