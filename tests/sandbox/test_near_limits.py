"""Programs that use nearly as much processor time as they may: what they used decides, however busy the machine is."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from sandbox.launch import open_sandbox
from sandbox.outcome import Confirmation, Ending
from sandbox.program import Limits, Program, SplitTests
from sandbox.sandbox import Sandbox

LIMITS = Limits(cpu_seconds=1.0, wall_seconds=60)
SHARES = [step / 10 for step in range(1, 16)]
"""Of the limit, that a program uses."""
BUSY_PROCESSES = 16

BURN = """
import time
def f(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end: pass
    return 1
"""


@pytest.fixture(scope="module")
def two_workers(kernel: None) -> Iterator[Sandbox]:  # noqa: ARG001
    with open_sandbox(workers=2) as opened:
        yield opened


@pytest.fixture(params=[0, BUSY_PROCESSES], ids=["idle", "busy"])
def machine(request: pytest.FixtureRequest) -> Iterator[None]:
    """The machine with so many processes that never rest."""
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(request.param)]
    yield
    for process in busy:
        process.kill()
        process.wait()


def burning(share: float, *, apart: bool) -> Program:
    tests = f"assert f({share * LIMITS.cpu_seconds}) == 1"
    return Program(
        "python",
        {"main.py": f"{BURN}\n{tests}"},
        limits=LIMITS,
        split=SplitTests(BURN, "", tests, ("f",)) if apart else None,
    )


@pytest.mark.usefixtures("machine")
def test_the_processor_time_that_a_program_used_decides(two_workers: Sandbox):
    asked = {(share, apart): burning(share, apart=apart) for share in SHARES for apart in (False, True)}
    outcomes = dict(two_workers.run(asked.items()))
    assert outcomes.keys() == asked.keys()
    for (share, apart), outcome in sorted(outcomes.items()):
        if share < 1:
            confirmation = Confirmation.HELD if apart else None
            found = (outcome.ending, outcome.finished, outcome.confirmation)
            assert found == (Ending.EXITED, True, confirmation), (share, apart, outcome)
            assert outcome.cpu_seconds < LIMITS.cpu_seconds
        else:
            assert outcome.ending is Ending.CPU_LIMIT, (share, apart, outcome)
            assert outcome.cpu_seconds >= LIMITS.cpu_seconds


def test_what_was_measured_decides_also_where_nobody_looked_in_time(two_workers: Sandbox):
    """Programs that end within some milliseconds of their limit, between two looks of the supervisor."""
    limits = Limits(cpu_seconds=0.3)
    sources = {n: f"{BURN}\nf({0.27 + n / 1000})" for n in range(40)}
    programs = ((n, Program("python", {"main.py": source}, limits=limits)) for n, source in sources.items())
    outcomes = [outcome for _, outcome in two_workers.run(programs)]
    for outcome in outcomes:
        assert (outcome.ending is Ending.CPU_LIMIT) == (outcome.cpu_seconds >= limits.cpu_seconds), outcome
    assert {outcome.ending for outcome in outcomes} == {Ending.EXITED, Ending.CPU_LIMIT}


def test_the_kernels_own_limit_comes_long_after_the_supervisors(two_workers: Sandbox):
    """It counts each process alone, so it must not be the first to stop one."""
    source = "import resource; print(*resource.getrlimit(resource.RLIMIT_CPU))"
    [(_, outcome)] = two_workers.run([(0, Program("python", {"main.py": source}, limits=Limits(cpu_seconds=1.9)))])
    soft, hard = map(int, outcome.stdout.split())
    assert soft == hard
    assert soft >= 2 * 1.9 + 5


@pytest.mark.usefixtures("machine")
def test_what_the_tests_use_is_not_the_candidates(two_workers: Sandbox):
    """The candidate waits for its tests for most of its wall limit, and they for a processor."""
    candidate = "def f(x): return x + 1"
    tests = f"{BURN.replace('def f', 'def burn')}\nburn(0.7)\nassert f(1) == 2\nburn(0.7)\nassert f(2) == 3"
    limits = Limits(cpu_seconds=2.0, wall_seconds=1.9)
    program = Program(
        "python", {"main.py": f"{candidate}\n{tests}"}, limits=limits, split=SplitTests(candidate, "", tests, ("f",))
    )
    for _, outcome in two_workers.run((n, program) for n in range(4)):
        assert (outcome.ending, outcome.finished) == (Ending.EXITED, True), outcome
        assert outcome.confirmation is Confirmation.HELD, outcome
