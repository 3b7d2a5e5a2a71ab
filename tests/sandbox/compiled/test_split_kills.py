"""kill -9 of any process of the split: no verdict is lost, and nothing goes on running."""

import os
import random
import signal
import threading
from contextlib import suppress
from functools import partial

import pytest

from sandbox.launch import open_sandbox
from sandbox.outcome import Confirmation, Outcome
from sandbox.walls.process_table import children_of
from tests.sandbox.compiled.split_sources import RIGHT, cpp_program
from tests.sandbox.processes import descendants, wait_until

SAMPLES = 10
SLOW = "#include <unistd.h>\nint twice(int n) { usleep(100000); return 2 * n; }"
"""So that a kill meets tester and candidate at work."""


@pytest.fixture(autouse=True)
def compiler(toolchains: dict[str, str], kernel: None) -> None:  # noqa: ARG001
    if "cpp" in toolchains:
        pytest.skip(toolchains["cpp"])


def test_kills_of_compilers_testers_and_candidates_lose_no_verdict():
    chance, earlier = random.Random(5), descendants(os.getpid())
    programs = [(n, cpp_program(f"{SLOW} // {n}", alone=n % 2 == 0)) for n in range(SAMPLES)]
    found: dict[int, Outcome] = {}
    killed: list[int] = []
    over = threading.Event()

    def kill(servers: set[int]) -> None:
        while not over.wait(0.7):
            if victims := sorted(descendants(os.getpid()) - servers):
                with suppress(ProcessLookupError):
                    os.kill(chance.choice(victims), signal.SIGKILL)
                    killed.append(1)

    with open_sandbox(workers=2) as sandbox:
        killer = threading.Thread(target=kill, args=(descendants(os.getpid()),))
        killer.start()
        try:
            found |= dict(sandbox.run(programs))
        finally:
            over.set()
            killer.join()
    assert killed
    assert sorted(found) == list(range(SAMPLES))
    for outcome in found.values():
        if outcome.confirmation is not Confirmation.HELD:  # hit again and again
            assert outcome.confirmation is Confirmation.INEXPRESSIBLE, outcome
    assert wait_until(partial(_are_gone, earlier)), "a process lives on"


def test_a_killed_server_loses_neither_its_tester_nor_its_sample():
    earlier = descendants(os.getpid())
    with open_sandbox(workers=1) as sandbox:
        outcomes = sandbox.run((n, cpp_program(RIGHT, alone=n < 2)) for n in range(3))
        _, first = next(outcomes)
        [server] = children_of(os.getpid()) - earlier
        os.kill(server, signal.SIGKILL)
        others = [outcome for _, outcome in outcomes]
    assert [each.confirmation for each in (first, *others)] == [Confirmation.HELD] * 3
    assert wait_until(partial(_are_gone, earlier)), "a process lives on"


def _are_gone(earlier: set[int]) -> bool:
    return not descendants(os.getpid()) - earlier
