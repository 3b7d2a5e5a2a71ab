"""What the execution cache spares: the same samples judged twice, the second time by a process that ran nothing.

python tests/performance/cache.py            about three minutes on two quiet cores
python tests/performance/cache.py --quick    one short round: does it work?

Only samples that end by themselves: limits of time are never taken from the cache.
"""

import argparse
import json
import multiprocessing
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from judging import fresh, pool_that_ends
from judging_parts.workload import Answer, numbered, questions, write_samples
from tabulate import tabulate

from harness.cli.resolve_config import plan_samples
from harness.evaluate import evaluate, judge
from harness.files.json_lines import JsonLines
from harness.judging.import_samples import import_samples
from harness.runs.run import open_run
from harness.runs.verdict_log import VerdictRecord

AIM = 20
WORKERS = 2


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of one judging."""

    judging: float
    """Of the step alone, from opening the sandbox to the last verdict."""
    whole: float
    """Of the whole command's work: reading, judging, scoring and the report; not of starting Python."""


def write_answers(chosen: list[Answer], path: Path) -> Path:
    """As a chat model gives them, whose code must be searched for: prose, then a fenced block."""
    rows = questions()
    counts: dict[str, int] = {}
    with path.open("w") as stream:
        for answer in chosen:
            number = counts[answer.task_id] = counts.get(answer.task_id, -1) + 1
            code = rows[answer.task_id].row["prompt"] + answer.completion
            text = f"Here is the function you asked for:\n\n```python\n{code}\n```\n\nIt takes each case in turn.\n"
            row = {"task_id": answer.task_id, "sample": number, "turn": 0, "completion": text}
            stream.write(json.dumps(row) + "\n")
    return path


def judge_once(samples: Path, out: Path, cache: Path, answer: "multiprocessing.SimpleQueue[Took]") -> None:
    """In a process of its own, so that nothing is known but what the cache holds."""
    os.environ["WAVEBENCH_CACHE"] = str(cache)
    begin = time.perf_counter()
    path, config = plan_samples(samples, "humaneval", out, {"workers": WORKERS, "allow_missing": True})
    with open_run(config, path) as run:
        import_samples(run)
        start = time.perf_counter()
        judge(run)
        judging = time.perf_counter() - start
    evaluate(config, path)  # finds every verdict there: scores and reports
    answer.put(Took(judging, time.perf_counter() - begin))


def measured(samples: Path, out: Path, cache: Path) -> Took:
    context = multiprocessing.get_context("spawn")
    answer: multiprocessing.SimpleQueue[Took] = context.SimpleQueue()
    process = context.Process(target=judge_once, args=(samples, out, cache, answer))
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(f"judging ended with {process.exitcode}")
    return answer.get()


def facts(run: Path) -> list[tuple[object, ...]]:
    """What a verdict line says, apart from times."""
    lines: list[VerdictRecord] = [line for _, line in JsonLines(run / "verdicts.jsonl", VerdictRecord).read()]
    return sorted((line.task_id, line.sample, line.verdict, line.detail, line.program_sha256) for line in lines)


def compare(samples: Path, folder: Path) -> tuple[Took, Took]:
    cache = fresh(folder / "cache")
    first, second = (measured(samples, fresh(folder / name), cache) for name in ("first", "second"))
    if facts(folder / "first") != facts(folder / "second"):
        raise SystemExit("the second run says something else than the first")
    return first, second


def row(name: str, count: int, found: Sequence[tuple[Took, Took]]) -> list[object]:
    judging = [f"{statistics.median(pair[place].judging for pair in found):.2f}" for place in (0, 1)]
    ratio = statistics.median(first.judging / second.judging for first, second in found)
    whole = statistics.median(first.whole / second.whole for first, second in found)
    microseconds = 1e6 * statistics.median(second.judging for _, second in found) / count
    return [name, count, *judging, f"{microseconds:.0f}", f"{ratio:.0f}", f"{whole:.0f}"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--samples", type=int, default=3_000)
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rounds, arguments.samples = 1, 300
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before the run")
    rows: list[list[object]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        chosen = numbered(pool_that_ends(questions(), fresh(folder / "warm-up")), arguments.samples, "cache")
        files = {
            "completions": write_samples(chosen, folder / "completions.jsonl"),
            "chat answers": write_answers(chosen, folder / "answers.jsonl"),
        }
        for kind, file in files.items():
            found = [compare(file, folder) for _ in range(arguments.rounds)]
            rows.append(row(kind, arguments.samples, found))
            print(rows[-1], flush=True)
    headers = ["samples", "count", "first s", "second s", "second us/sample", "judging is x times", "whole is x times"]
    print(f"\nJudged twice, medians of {arguments.rounds} rounds; aim: {AIM} times in judging\n")
    print(tabulate(rows, headers, tablefmt="github"))


if __name__ == "__main__":
    main()
