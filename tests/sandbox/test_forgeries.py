"""Wrong programs that make their tests pass: none is ever confirmed."""

from collections.abc import Iterator

import pytest

from sandbox.launch import open_sandbox
from sandbox.outcome import Confirmation, Ending
from sandbox.program import Limits, Program, SplitTests
from sandbox.sandbox import Sandbox
from tasks.humaneval.task import LIMITS, HumanEvalProblem
from tasks.judgement import judge_python
from tasks.split_tests import split_tests
from tests.sandbox.hostile.corpus import Attack, read_attacks

FORGERIES = read_attacks("forgeries")


def program_of(attack: Attack) -> Program:
    problem = HumanEvalProblem(**attack.problem)
    code = problem.prompt + attack.completion
    tests = f"{problem.test}\ncheck({problem.entry_point})"
    apart = split_tests(code, problem.prompt, tests, problem.entry_point)
    return Program("python", {"main.py": f"{code}\n{tests}"}, limits=LIMITS, split=apart)


@pytest.mark.parametrize("attack", FORGERIES, ids=lambda attack: attack.name)
def test_no_forgery_is_confirmed(sandbox, attack: Attack):
    [(_, outcome)] = sandbox.run([(0, program_of(attack))])
    judgement = judge_python(outcome)
    assert judgement.confirmed is not True, judgement
    assert judgement.verdict in attack.verdict.split(", "), (judgement, outcome)
    if judgement.verdict == "passed":
        assert judgement.detail.startswith("unconfirmed: "), judgement


def test_there_are_enough_of_them():
    assert len(FORGERIES) >= 20
    assert len(read_attacks("programs")) + len(FORGERIES) >= 45


SEARCH = """
import ctypes, re
def found():
    count = 0
    for line in open("/proc/self/maps").read().splitlines():
        words = line.split()
        if words[1].startswith("r") and (len(words) < 6 or words[5].startswith(("[heap", "[stack"))):
            begin, end = (int(edge, 16) for edge in words[0].split("-"))
            count += len(re.findall(rb"left-47[1]1-behind", ctypes.string_at(begin, end - begin)))
    return count
"""
SPEAK = (
    "import os\nword = '-'.join(['left', str(4711), 'behind'])\nfor out in (1, 2, 3): os.write(out, word.encode() * 9)"
)


@pytest.fixture(scope="module")
def one_worker(kernel: None) -> Iterator[Sandbox]:  # noqa: ARG001
    with open_sandbox(workers=1) as opened:
        yield opened


def test_a_sample_finds_nothing_in_memory_of_what_an_earlier_one_said(one_worker: Sandbox):
    """One that has run beside its tests may say them, and the next one is often of the same problem."""
    sources = [SPEAK, f"{SEARCH}\nprint(found())", f"{SPEAK}\n{SEARCH}\nprint(found())"]
    programs = [Program("python", {"main.py": source}) for source in sources]
    outcomes = dict(one_worker.run(enumerate(programs)))
    assert outcomes[0].stdout.startswith("left-4711-behind")
    assert outcomes[1].stdout == "0\n"
    assert not outcomes[2].stdout.endswith("behind0\n"), "the search does find what lies there"


COLLIDING_SET = """
import os, struct, sys
def f():
    names = sys._getframe(1).f_globals
    if "_ANSWERS" in names:  # says that it is a set, and need not build it
        numbers = [(n * (2**61 - 1)).to_bytes(11, "little") for n in range(400_000)]
        data = b"=S" + struct.pack("<I", len(numbers))
        data += b"".join(b"i" + struct.pack("<I", len(number)) + number for number in numbers)
        data = struct.pack("<I", len(data)) + data
        while data:
            data = data[os.write(names["_ANSWERS"], data) :]
    return 0
"""
"""Takes an hour to decode, in one operation of the interpreter."""
TESTER_BOMBS = {
    "a set of numbers of one hash": (COLLIDING_SET, "assert f() == {1}"),
    "range": ("def f(): return range(10**10)", "assert set(f()) == {1}"),
    "deques": ("from collections import deque\ndef f(): return [deque() for _ in range(3_000_000)]", "assert f() == 1"),
    "collisions": ("def f(): return [n * (2**61 - 1) for n in range(40_000)]", "assert len(set(f())) == 1"),
}


@pytest.mark.parametrize("name", TESTER_BOMBS)
def test_answers_that_burst_their_tests_process_cost_no_other_sample_its_verdict(one_worker: Sandbox, name: str):
    candidate, tests = TESTER_BOMBS[name]
    limits = Limits(cpu_seconds=1, wall_seconds=2, memory_mb=256)
    bomb = Program(
        "python", {"main.py": f"{candidate}\n{tests}"}, limits=limits, split=SplitTests(candidate, "", tests, ("f",))
    )
    honest = "def f(): return 1"
    other = Program(
        "python", {"main.py": f"{honest}\nassert f() == 1"}, split=SplitTests(honest, "", "assert f() == 1", ("f",))
    )
    outcomes = dict(one_worker.run([(0, other), (1, bomb), (2, other)]))
    assert [outcomes[n].confirmation for n in (0, 2)] == [Confirmation.HELD] * 2
    assert judge_python(outcomes[1]).verdict in ("timeout", "out of memory", "wrong")


def test_a_sample_cannot_restart_its_clock(one_worker: Sandbox):
    source = "import os, time\nwhile True:\n    os.write(3, b'=')\n    time.sleep(0.01)"
    program = Program("python", {"main.py": source}, limits=Limits(wall_seconds=0.5))
    [(_, outcome)] = one_worker.run([(0, program)])
    assert outcome.ending is Ending.WALL_LIMIT


def test_a_sample_cannot_pass_for_killed_from_outside(one_worker: Sandbox):
    source = """
import resource
try:
    resource.setrlimit(resource.RLIMIT_CPU, (0, 1))
except ValueError:
    pass
assert resource.getrlimit(resource.RLIMIT_CPU)[0] > 1
resource.setrlimit(resource.RLIMIT_STACK, resource.getrlimit(resource.RLIMIT_STACK))
while True: pass
"""
    program = Program("python", {"main.py": source}, limits=Limits(cpu_seconds=1.5))
    [(_, outcome)] = one_worker.run([(0, program)])
    assert outcome.ending is Ending.CPU_LIMIT, outcome
