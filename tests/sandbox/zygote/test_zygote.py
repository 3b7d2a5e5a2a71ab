"""What a zygote holds is paid for by each of its samples, and can be seen by them."""

import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.launch import open_sandbox
from sandbox.program import Program, SplitTests

ROOT = Path(__file__).parents[3]
HEAVY = {"argparse", "dataclasses", "inspect", "json", "pathlib", "selectors", "socket", "subprocess", "urllib"}


@pytest.mark.parametrize("kind", ["split.candidate", "python.whole_program"])
def test_a_zygote_imports_little(kind: str):
    source = f"import sys; import sandbox.zygote.process, sandbox.{kind}; print(*sys.modules)"
    words = [sys.executable, "-S", "-s", "-P", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {source}"]
    held = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
    assert not HEAVY.intersection(held)
    unneeded = {"sandbox.split.tester", "sandbox.split.proxies", "sandbox.program", "sandbox.fork_server"}
    assert (unneeded | {"sandbox.watch.supervisor"}).isdisjoint(held)


SEEN = """
import os, sys
def f():
    own = [name for name in sys.modules if name.startswith(("sandbox", "harness", "tasks"))]
    return sorted(set(own)), os.path.exists("/code/sandbox"), [p for p in sys.path if "code" in p]
"""


def test_candidates_and_whole_programs_come_from_different_processes(kernel: None):  # noqa: ARG001
    """A candidate never finds the runner of whole programs in its memory, nor the code of either on its disk."""
    tests = (
        "modules, code, path = f()\nassert not code and not path and 'sandbox.python.runner' not in modules, modules"
    )
    with open_sandbox(workers=1) as opened:
        program = Program(
            "python", {"main.py": f"{SEEN}\nassert f()[1:] == (False, [])"}, split=SplitTests(SEEN, "", tests, ("f",))
        )
        [(_, outcome)] = opened.run([(0, program)])
    assert outcome.finished, outcome.stderr
    assert outcome.confirmation == "held", outcome.confirmation_detail
