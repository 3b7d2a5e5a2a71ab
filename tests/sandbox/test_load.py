"""A busy machine changes no verdict."""

import subprocess
import sys

from sandbox.launch import open_sandbox
from tests.sandbox.workload import judge_all, workload

BUSY, WORKERS = 8, 16


def test_references_pass_confirmed_with_many_workers_beside_busy_processes(kernel: None):  # noqa: ARG001
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(BUSY)]
    try:
        with open_sandbox(workers=WORKERS) as sandbox:
            verdicts = judge_all(sandbox, workload(with_answers=False))
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()
    assert len(verdicts) == 164
    assert set(verdicts.values()) == {("passed", True)}
