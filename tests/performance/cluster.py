"""How fast a Ray cluster of two machines on this one judges, beside the plain pool on the same cores in the same run.

python tests/performance/cluster.py            20,000 samples, three times each way: a quarter of an hour on two cores
python tests/performance/cluster.py --quick    2,000 samples, once each way

From file to file, without the execution cache. Then once more with one of the machines killed in the middle: verdicts
are compared one by one. The driver's CPU time says how many machines it could keep busy.
"""

import argparse
import os
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from judging import fresh, pool_that_ends
from judging_parts.contestants import Measured, run_wavebench
from judging_parts.workload import Answer, numbered, questions
from tabulate import tabulate

from harness.runs.verdict_log import VerdictSummary, read_summaries

AIM = 0.85
Verdicts = dict[tuple[str, int], VerdictSummary]


def start_machines(cores: int) -> Any:
    from ray.cluster_utils import Cluster

    os.environ.update(RAY_worker_niceness="0")  # 15 unless told: with anything else running, that would be measured
    machines: Any = Cluster(initialize_head=True, head_node_args={"num_cpus": cores - cores // 2})
    machines.add_node(num_cpus=cores // 2)
    return machines


def judge(chosen: list[Answer], cores: int, folder: Path, address: str = "") -> tuple[Measured, Verdicts]:
    words = ["--no-cache", *(["--cluster", address] if address else [])]
    measured = run_wavebench(chosen, cores, fresh(folder), words=words)
    return measured, read_summaries(folder / "run" / "verdicts.jsonl")


def differing(one: Verdicts, other: Verdicts) -> list[str]:
    keys = one.keys() | other.keys()
    return sorted(
        f"{key}: {one.get(key)} | {other.get(key)}" for key in keys if _said(one.get(key)) != _said(other.get(key))
    )


def _said(mark: VerdictSummary | None) -> object:
    return mark and (mark.verdict, mark.confirmed)


def kill_in_the_middle(machines: Any, verdicts: Path, samples: int) -> threading.Thread:
    """Once a third of the verdicts is there."""

    def wait_and_kill() -> None:
        while not verdicts.exists() or verdicts.read_bytes().count(b"\n") < samples // 3:
            time.sleep(0.5)
        machines.remove_node(next(iter(machines.worker_nodes)), allow_graceful=False)

    thread = threading.Thread(target=wait_and_kill, daemon=True)
    thread.start()
    return thread


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.samples, arguments.rounds = 2_000, 1
    cores = len(os.sched_getaffinity(0))
    print(f"{cores} cores, load {os.getloadavg()[0]:.1f} before the run")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        chosen = numbered(pool_that_ends(questions(), fresh(folder / "warm-up")), arguments.samples, "cluster")
        machines = start_machines(cores)
        rows: list[list[object]] = []
        ratios: list[float] = []
        expected: Verdicts = {}
        for turn in range(arguments.rounds):
            plain, expected = judge(chosen, cores, folder / "plain")
            far, found = judge(chosen, cores, folder / "far", machines.address)
            ratios.append(far.samples_per_second / plain.samples_per_second)
            driver_ms = 1000 * far.cpu_seconds / far.samples
            wrong = differing(expected, found)
            rows.append(
                [
                    turn + 1,
                    f"{plain.samples_per_second:.0f}",
                    f"{far.samples_per_second:.0f}",
                    f"{ratios[-1]:.2f}",
                    len(wrong),
                    f"{driver_ms:.2f}",
                    f"{far.peak_memory_mb:.0f}",
                ]
            )
            print(*wrong[:5], sep="\n", flush=True)
        killing = kill_in_the_middle(machines, folder / "killed" / "run" / "verdicts.jsonl", len(chosen))
        _, found = judge(chosen, cores, folder / "killed", machines.address)
        killing.join(timeout=1)
        lost = differing(expected, found)
        machines.shutdown()
    headers = ["round", "pool /s", "cluster /s", "ratio", "other verdicts", "driver CPU ms/sample", "driver MB"]
    print(f"\n{len(chosen)} samples\n\n{tabulate(rows, headers, tablefmt='github', disable_numparse=True)}")
    print(f"\nmedian ratio {statistics.median(ratios):.2f}, aim {AIM}")
    print(f"one machine killed in the middle ({not killing.is_alive()}): {len(found)} verdicts, {len(lost)} differ")


if __name__ == "__main__":
    main()
