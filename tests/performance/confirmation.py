"""What it costs to confirm every pass with the tests in a process of their own: with and without, taking turns.

python tests/performance/confirmation.py            about three minutes on two quiet cores
python tests/performance/confirmation.py --quick    one short round: does it work?
"""

import argparse
import os
import statistics
import tempfile
from pathlib import Path

from judging import fresh, pool_that_ends
from judging_parts.contestants import Measured, run_wavebench
from judging_parts.workload import numbered, questions
from tabulate import tabulate

AIM = 1.6
WORKERS = 2


def take_turns(rounds: int, count: int, folder: Path) -> list[tuple[Measured, Measured]]:
    """Per round: upstream only, then confirmed; every other round the other way round."""
    pool = pool_that_ends(questions(), fresh(folder / "warm-up"))
    found: list[tuple[Measured, Measured]] = []
    for turn in range(rounds):
        chosen = numbered(pool, count, f"round {turn}")
        order = ("false", "true") if turn % 2 == 0 else ("true", "false")
        measured = {
            word: run_wavebench(
                chosen, WORKERS, fresh(folder / "run"), words=["--no-cache", "--set", f"confirm={word}"]
            )
            for word in order
        }
        found.append((measured["false"], measured["true"]))
        rates = " and ".join(f"{run.samples_per_second:.0f}/s" for run in found[-1])
        print(f"round {turn + 1}: {rates}", flush=True)
    return found


def table(found: list[tuple[Measured, Measured]]) -> str:
    names = ("upstream only", "confirmed")
    rows: list[list[object]] = []
    for place, name in enumerate(names):
        runs = [pair[place] for pair in found]
        rows.append(
            [
                name,
                runs[0].samples,
                runs[0].passed,
                f"{statistics.median(run.samples_per_second for run in runs):.0f}",
                f"{1000 * statistics.median(run.cpu_seconds / run.samples for run in runs):.1f}",
            ]
        )
    return tabulate(rows, ["judging", "samples", "passed", "samples/s", "CPU ms/sample"], tablefmt="github")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--samples", type=int, default=3_000)
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rounds, arguments.samples = 1, 300
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before the run")
    with tempfile.TemporaryDirectory() as name:
        found = take_turns(arguments.rounds, arguments.samples, Path(name))
    walls = statistics.median(confirmed.wall_seconds / plain.wall_seconds for plain, confirmed in found)
    cpu = statistics.median(confirmed.cpu_seconds / plain.cpu_seconds for plain, confirmed in found)
    print(f"\nConfirming, {WORKERS} workers, medians of {len(found)} rounds\n\n{table(found)}")
    print(f"\nConfirmed judging takes {walls:.2f} times as long (processor time: {cpu:.2f} times); aim: {AIM}")


if __name__ == "__main__":
    main()
