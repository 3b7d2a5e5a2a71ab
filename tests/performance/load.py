"""Verdicts on an idle machine, on a busy one and on one that is short of memory: they must be the same.

python tests/performance/load.py               some minutes on two cores
python tests/performance/load.py --busy 16 --workers 64

HumanEval's references, and WaveCoder-Ultra's answers where their file is at hand. Memory is taken by a process of ours,
down to what `--spare-mb` leaves free.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.launch import open_sandbox
from sandbox.outcome import Tier
from tests.sandbox.workload import Work, judge_all, workload

_BUSY = "while True: pass"
_BALLAST = """
import sys, time
kept = [bytearray(b"x" * (64 << 20)) for _ in range(int(sys.argv[1]) // 64)]
print("up", flush=True)
time.sleep(3600)
"""


@contextmanager
def busy_processes(count: int) -> Iterator[None]:
    """Loops that want every processor, at ordinary priority."""
    loops = [subprocess.Popen([sys.executable, "-c", _BUSY]) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


@contextmanager
def ballast(spare_mb: int) -> Iterator[int]:
    """Holds all memory but `spare_mb`, in one process that the kernel would take first."""
    wanted = max(0, _available_mb() - spare_mb)
    holder = subprocess.Popen([sys.executable, "-c", _BALLAST, str(wanted)], stdout=subprocess.PIPE)
    Path(f"/proc/{holder.pid}/oom_score_adj").write_text("1000")
    assert holder.stdout
    holder.stdout.readline()
    try:
        yield wanted
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()


def _available_mb() -> int:
    [line] = [line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemAvailable")]
    return int(line.split()[1]) // 1024


def main() -> None:
    """Prints how many verdicts each way, and fails where one differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--busy", type=int, default=16)
    parser.add_argument("--workers", type=int, default=64)
    parser.add_argument("--spare-mb", type=int, default=2000)
    parser.add_argument("--tier", type=Tier, default=Tier.NAMESPACES)
    arguments = parser.parse_args()
    programs = workload(with_answers=True)
    print(f"{len(programs)} programs; load {os.getloadavg()[0]:.1f} before the run")
    idle = _timed(f"{os.cpu_count()} workers", arguments.tier, os.cpu_count() or 1, programs)
    with busy_processes(arguments.busy):
        loaded = _timed(
            f"{arguments.workers} workers, {arguments.busy} busy processes", arguments.tier, arguments.workers, programs
        )
    with ballast(arguments.spare_mb) as held, busy_processes(arguments.busy):
        short = _timed(f"the same, {held} MB held by another", arguments.tier, 8, programs)
    changed = [key for key in idle if not idle[key] == loaded[key] == short[key]]
    for key in changed:
        print(key, idle[key], loaded[key], short[key])
    print(f"{len(changed)} of {len(idle)} verdicts differ")
    raise SystemExit(bool(changed))


def _timed(name: str, tier: Tier, workers: int, programs: Work) -> dict[str, tuple[str, bool | None]]:
    began = time.monotonic()
    with open_sandbox(tier, workers) as sandbox:
        verdicts = judge_all(sandbox, programs)
    passed = sum(verdict == "passed" for verdict, _ in verdicts.values())
    print(f"{name}: {passed} passed, {time.monotonic() - began:.0f} s", flush=True)
    return verdicts


if __name__ == "__main__":
    main()
