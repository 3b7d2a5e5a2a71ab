"""Wrong samples that pass on the tests they have seen: no other sample, and no later run, is confirmed by that.

Each is judged beside its tests after it was judged apart from them, so what it leaves could help a later sample of its
problem, itself when it runs once more, or the next command. `hostile/relays/` holds the ways to leave it.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.outcome import Confirmation, Tier
from sandbox.program import Program
from sandbox.sandbox import Sandbox
from tasks.humaneval.task import LIMITS
from tasks.judgement import judge_python
from tasks.split_tests import split_tests
from tests.docker_engine import open_tier
from tests.sandbox.hostile.corpus import PROMPT, Attack, read_attacks

RELAYS = read_attacks("relays")
TRIES = 10
"""How often a relay may be tried without walls, beside whatever else this machine does."""

RELAY = """
def _bits(data):
    return [byte >> n & 1 for byte in data for n in range(8)]

def _bytes(bits):
    return bytes(sum(bit << n for n, bit in enumerate(bits[at:at + 8])) for at in range(0, len(bits), 8))

def _tell(answers):
    message = repr((KEY, answers)).encode()
    send(_bits(bytes([len(message)]) + message))

def _told():
    import ast
    try:
        length = _bytes(receive(8))[0]
        key, answers = ast.literal_eval(_bytes(receive(8 + 8 * length))[1:].decode())
        return answers if key == KEY else {}
    except Exception:
        return {}

def _seen():
    import re, sys
    frame = sys._getframe()
    while frame:
        for value in list(frame.f_locals.values()):
            if isinstance(value, str) and "def check(" in value:
                tests = value[value.rindex("def check("):]
                return {int(x): int(y) for x, y in re.findall(r"candidate[(](.+)[)] == (.+)", tests)}
        frame = frame.f_back
    return {}

def _learn():
    import time
    if answers := _told():
        return answers
    if seen := _seen():
        try:
            _tell(seen)
        except Exception:
            pass
        time.sleep(SLEEP_SECONDS)
    return {}

_ANSWERS = _learn()
"""


def candidate(relay: Attack, key: str, sleep_seconds: float = 0.0, number: int = 0) -> str:
    settings = f"KEY = {key!r}\nSLEEP_SECONDS = {sleep_seconds}  # sample {number}\n"
    return f"{PROMPT}    return _ANSWERS.get(x)\n\n{settings}{relay.source}\n{RELAY}"


def own_tests(relay: Attack) -> str:
    return f"{relay.problem['test']}\ncheck(f)\n"


def program(relay: Attack, key: str, sleep_seconds: float = 0.0, number: int = 0) -> Program:
    code, tests = candidate(relay, key, sleep_seconds, number), own_tests(relay)
    apart = split_tests(code, PROMPT, tests, "f")
    return Program("python", {"main.py": f"{code}\n{tests}"}, limits=LIMITS, split=apart)


def check_that_none_is_confirmed(sandbox: Sandbox, programs: list[Program]) -> None:
    outcomes = dict(sandbox.run(enumerate(programs)))
    assert len(outcomes) == len(programs)
    for outcome in outcomes.values():
        assert outcome.confirmation is Confirmation.REFUTED, outcome
        assert judge_python(outcome).confirmed is not True


@pytest.fixture(scope="module", params=[Tier.NAMESPACES, Tier.DOCKER])
def sandboxes(request: pytest.FixtureRequest, kernel: None) -> Iterator[tuple[Sandbox, Sandbox]]:  # noqa: ARG001
    """As two commands have them, one after the other."""
    with open_tier(request, workers=1) as first, open_tier(request, workers=2) as second:
        yield first, second


@pytest.mark.parametrize("relay", RELAYS, ids=lambda relay: relay.name)
def test_neither_a_later_sample_nor_a_later_run_is_told(sandboxes: tuple[Sandbox, Sandbox], relay: Attack):
    """Each alone, all together, and backwards, in a sandbox that knows them already and in one that does not."""
    key = os.urandom(6).hex()
    samples = [program(relay, key, number=number) for number in range(3)]
    for sandbox in sandboxes:
        for programs in (samples[:1], samples, samples[::-1]):
            check_that_none_is_confirmed(sandbox, programs)


@pytest.mark.parametrize("relay", RELAYS, ids=lambda relay: relay.name)
def test_a_sample_that_runs_once_more_is_told_nothing(sandboxes: tuple[Sandbox, Sandbox], relay: Attack):
    """What reaches the wall limit runs once more, alone; by then it has met its tests."""
    waiting = program(relay, os.urandom(6).hex(), sleep_seconds=60)
    waiting = replace(waiting, limits=replace(LIMITS, wall_seconds=0.5))
    for sandbox in sandboxes:
        check_that_none_is_confirmed(sandbox, [waiting])


@pytest.mark.parametrize("relay", RELAYS, ids=lambda relay: relay.name)
def test_without_walls_it_is_told(relay: Attack):
    """Else the tests above could not fail."""
    assert any(told_without_walls(relay) for _ in range(TRIES))


def told_without_walls(relay: Attack) -> bool:
    key = os.urandom(6).hex()
    code = candidate(relay, key)
    first = f"def run(source):\n    exec(source, {{}})\nrun({f'{code}{own_tests(relay)}'!r})"
    second = f"{code}\nprint(f(2), f(3), f(-5))"
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder, Path(os.devnull).open("r+") as shared:
        ran = [
            subprocess.run([sys.executable, "-c", source], cwd=folder, stdin=shared, capture_output=True, text=True)
            for source in (first, second)
        ]
    for left in ("/tmp", "/var/tmp", "/dev/shm"):
        Path(left, key).unlink(missing_ok=True)
    assert "AssertionError" in ran[0].stderr, "the first is wrong"
    return ran[1].stdout == "4 9 25\n"
