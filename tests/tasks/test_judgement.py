"""Real programs in the real sandbox, and what their endings mean."""

import pytest

from sandbox.outcome import Ending, Outcome, Tier
from sandbox.program import Limits, Program
from sandbox.sandbox import Sandbox
from tasks.judgement import judge_python
from tasks.verdict import Judgement, Verdict


def judge(sandbox: Sandbox, source: str) -> Judgement:
    program = Program("python", {"main.py": source}, limits=Limits(cpu_seconds=1, memory_mb=256, output_kb=256))
    [(_, outcome)] = sandbox.run([(0, program)])
    return judge_python(outcome)


@pytest.mark.parametrize(
    ("source", "verdict", "detail"),
    [
        ("assert 1 + 1 == 2", Verdict.PASSED, ""),
        ("import sys\nprint('Traceback (most recent call last):', file=sys.stderr)", Verdict.PASSED, ""),
        ("assert 1 + 1 == 3", Verdict.WRONG, "AssertionError"),
        ("assert False, 'two\\nlines: here'", Verdict.WRONG, "AssertionError: two"),
        ("import sys\nsys.exit(0)\nassert False", Verdict.WRONG, "left early with exit code 0"),
        ("raise SystemExit('enough')", Verdict.WRONG, "left early with exit code 1"),
        ("import os\nos._exit(0)", Verdict.WRONG, "left early with exit code 0"),
        ("undefined_name", Verdict.ERROR, "NameError: name 'undefined_name' is not defined"),
        ("class Own(Exception): pass\nraise Own('x')", Verdict.ERROR, "program.Own: x"),
        ("try:\n    1 / 0\nexcept ZeroDivisionError:\n    assert False", Verdict.WRONG, "AssertionError"),
        ("def f(:", Verdict.NOT_COMPILED, "SyntaxError: invalid syntax"),
        ("if 1:\npass", Verdict.NOT_COMPILED, "IndentationError"),
        ("x = 1\0", Verdict.NOT_COMPILED, "null bytes"),
        ("x = '\ud800'", Verdict.NOT_COMPILED, "UnicodeEncodeError"),
        ("eval('1 +')", Verdict.ERROR, "SyntaxError"),
        ("int('x')", Verdict.ERROR, "ValueError"),
        ("def f(): f()\nf()", Verdict.ERROR, "RecursionError"),
        ("while True: pass", Verdict.TIMEOUT, "CPU limit"),
        ("x = [0] * (1 << 30)", Verdict.OUT_OF_MEMORY, ""),
        ("while True: print('x' * 1000)", Verdict.ERROR, ""),
        ("import os\nos.abort()", Verdict.ERROR, "SIG"),
        (
            "import sys\nsys.stderr.write('x' * 100_000)\nraise KeyError(1)",
            Verdict.ERROR,
            "ended with so much on stderr",
        ),
        ("import sys\nsys.stderr.write('\u00e9' * 50_000)\nraise KeyError(1)", Verdict.ERROR, "so much on stderr"),
        (
            "import traceback\ntry:\n    assert False\nexcept AssertionError: traceback.print_exc()\n"
            "import sys\nsys.stderr.write('x' * 100_000)\nraise KeyError(1)",
            Verdict.ERROR,
            "so much on stderr",
        ),
        (
            "e = None\nfor n in range(20_000):\n    try:\n        raise ValueError(n) from e\n"
            "    except ValueError as error: e = error\nraise e",
            Verdict.ERROR,
            "ValueError: 19999",
        ),
        ("import traceback\ndel traceback.print_exception\nraise ValueError('x')", Verdict.ERROR, "ValueError"),
        ("import linecache\nlinecache.cache = None\nassert False", Verdict.WRONG, "AssertionError"),
        ("import sys, os\nos.close(2)\nsys.stderr = None\nraise ValueError", Verdict.WRONG, "exit code 1"),
    ],
)
def test_a_program_that_ends_so_is_judged_so(sandbox: Sandbox, source: str, verdict: Verdict, detail: str):
    judgement = judge(sandbox, source)
    assert judgement.verdict is verdict, judgement
    assert detail in judgement.detail


def test_a_failed_sandbox_says_nothing_about_the_program():
    outcome = Outcome(
        Ending.SANDBOX_FAILED,
        finished=False,
        exit_code=None,
        signal=None,
        cpu_seconds=0,
        wall_seconds=0,
        memory_mb=0,
        stdout="",
        stderr="",
        tier=Tier.NAMESPACES,
        detail="no tmpfs",
    )
    assert judge_python(outcome) == Judgement(Verdict.NOT_JUDGED, "no tmpfs")


def test_every_ending_has_a_verdict(sandbox: Sandbox):
    [(_, outcome)] = sandbox.run([(0, Program("python", {"main.py": "pass"}))])
    fields = {name: getattr(outcome, name) for name in Outcome.__slots__}
    verdicts = {ending: judge_python(Outcome(**{**fields, "ending": ending})).verdict for ending in Ending}
    assert [ending for ending, verdict in verdicts.items() if verdict is Verdict.PASSED] == [Ending.EXITED]
