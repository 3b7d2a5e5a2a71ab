"""The processes that build a site end with it, however it ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.sandbox.processes import descendants, wait_until

ROOT = Path(__file__).resolve().parents[3]
BUILDS_AGAIN_AND_AGAIN = """
import sys
from pathlib import Path
from leaderboards.runs.leaderboard import make_leaderboard
from leaderboards.runs.record import find_runs, read_record
from leaderboards.site import build

if __name__ == "__main__":
    build._WORTH_PROCESSES_BYTES = 0
    board = make_leaderboard([read_record(path) for path in find_runs([Path(sys.argv[1])])])
    while True:
        build.build_site(board, Path(sys.argv[2]), title="x", workers=2)
"""


def test_a_killed_build_leaves_no_process(several_runs: Path, tmp_path: Path):
    script = tmp_path / "builds.py"
    script.write_text(BUILDS_AGAIN_AND_AGAIN)
    command = [sys.executable, str(script), str(several_runs), str(tmp_path / "site")]
    with subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(ROOT)}) as build:
        started = wait_until(lambda: len(descendants(build.pid)) >= 3, 60)  # the tracker of resources and two workers
        below = descendants(build.pid)
        build.send_signal(signal.SIGKILL)
    assert started
    assert wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in below))
