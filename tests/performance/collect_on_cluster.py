"""What a Ray cluster of two workers here costs beside two local processes: `collect` of the standard library.

python tests/performance/collect_on_cluster.py [--rounds 3]

Both ways by turns, into fresh folders; files are compared. Processor seconds are those of this process and of all that
descend from it, Ray's own included: what Ray spends idle between the turns is not counted.
"""

import argparse
import os
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tabulate import tabulate

from datagen.config import parse_datagen
from datagen.pipeline.stages import Pipeline, StageName
from datagen.workplace.cluster import open_workplace
from datagen.workplace.local import LOCAL
from datagen.workplace.workplace import Workplace

_SETTINGS = {
    "sources": [{"name": "stdlib", "kind": "standard library"}],
    "embed": {"encoder": "hashed"},
    "execution": {"workers": 2},
}
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cost:
    wall_seconds: float
    cpu_seconds: float
    files: dict[str, bytes]


def tree_cpu_seconds() -> float:
    """Of this process and its descendants, with those that have ended and were waited for."""
    stats = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                stats[int(entry.name)] = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it has ended
    below = {os.getpid()}
    while more := {pid for pid, fields in stats.items() if int(fields[1]) in below and pid not in below}:
        below |= more
    return sum(sum(map(int, stats[pid][11:15])) for pid in below) / _TICKS


def collect(workplace: Workplace) -> Cost:
    with tempfile.TemporaryDirectory() as name:
        wall, cpu = time.monotonic(), tree_cpu_seconds()
        pipeline = Pipeline(parse_datagen(_SETTINGS, "the benchmark"), Path(name), workplace=workplace)
        folder = pipeline.folder(StageName.COLLECT)
        wall, cpu = time.monotonic() - wall, tree_cpu_seconds() - cpu
        return Cost(wall, cpu, {path.name: path.read_bytes() for path in folder.iterdir()})


def main() -> None:
    from ray.cluster_utils import Cluster

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    os.environ.update(RAY_worker_niceness="0")  # 15 unless told: with anything else running, that would be measured
    print(f"load {os.getloadavg()[0]:.1f} before the run")
    machines: Any = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    machines.add_node(num_cpus=1)
    rows: list[list[object]] = []
    ratios: list[tuple[float, float]] = []
    for turn in range(rounds):
        here = collect(LOCAL)
        before = time.monotonic()
        with open_workplace(machines.address) as workplace:
            opening = time.monotonic() - before
            there = collect(workplace)
        ratios.append((there.wall_seconds / here.wall_seconds, there.cpu_seconds / here.cpu_seconds))
        same = "yes" if here.files == there.files else "NO"
        costs = [f"{each:.1f}" for each in (here.wall_seconds, there.wall_seconds, here.cpu_seconds, there.cpu_seconds)]
        rows.append([turn + 1, *costs, *(f"{each:.2f}" for each in ratios[-1]), f"{opening:.1f}", same])
    machines.shutdown()
    headers = [
        "round",
        "local s",
        "Ray s",
        "local CPU s",
        "Ray CPU s",
        "s ratio",
        "CPU ratio",
        "opening s",
        "same bytes",
    ]
    print(tabulate(rows, headers, tablefmt="github", disable_numparse=True))
    wall, cpu = (statistics.median(values) for values in zip(*ratios, strict=True))
    print(f"\nmedian of {rounds} rounds: {wall:.2f} times the time, {cpu:.2f} times the processor time")


if __name__ == "__main__":
    main()
