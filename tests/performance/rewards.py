"""How long a training step waits for its rewards, and how many answers a second the shared pool judges.

python tests/performance/rewards.py            about a minute on two quiet cores
python tests/performance/rewards.py --quick    one short round: does it work?

The throughput is that of many threads with one answer each, beside the plain pool with one caller: same machine, same
programs, taking turns. Nothing comes from the execution cache.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tabulate import tabulate

import wavebench
from wavebench.rewards import CodeReward, close_warm_sandboxes

BATCH = 64
CALLERS = 64


def seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    rounds, answers_a_round = (2, 128) if asked.quick else (10, 656)
    task = wavebench.load_task("humaneval")
    references = [(task.reference(problem), problem.task_id) for problem in task.problems]
    batch = references[:BATCH]
    pool = (references * (answers_a_round // len(references) + 1))[:answers_a_round]
    reward = CodeReward(task, form="program", workers=asked.workers)
    begin = time.perf_counter()
    first = reward([batch[0][0]], task_id=[batch[0][1]])
    print(f"first reward, with the start of the pool: {time.perf_counter() - begin:.2f} s, {first}")

    latencies: dict[str, list[float]] = {f"a batch of {BATCH}": [], "a single answer": []}
    rates: dict[str, list[float]] = {"plain pool, one caller": [], f"shared pool, {CALLERS} callers": []}
    with wavebench.open_sandbox(workers=asked.workers) as plain, ThreadPoolExecutor(CALLERS) as callers:
        texts, ids = [answer for answer, _ in pool], [task_id for _, task_id in pool]
        for round_number in range(rounds + 1):
            batch_seconds = seconds(lambda: reward([text for text, _ in batch], task_id=[each for _, each in batch]))
            single_seconds = seconds(lambda: reward([batch[3][0]], task_id=[batch[3][1]]))
            plain_seconds = seconds(lambda: wavebench.judge(texts, ids, task, form="program", sandbox=plain))
            shared_seconds = seconds(lambda: list(callers.map(lambda each: reward([each[0]], task_id=[each[1]]), pool)))
            if round_number:  # the first one warms up
                latencies[f"a batch of {BATCH}"].append(batch_seconds)
                latencies["a single answer"].append(single_seconds)
                rates["plain pool, one caller"].append(len(pool) / plain_seconds)
                rates[f"shared pool, {CALLERS} callers"].append(len(pool) / shared_seconds)
    close_warm_sandboxes()
    print(
        tabulate(
            [(name, statistics.median(x), max(x)) for name, x in latencies.items()],
            ("s", "median", "slowest"),
            floatfmt=".3f",
        )
    )
    print(
        tabulate(
            [(name, statistics.median(x), min(x)) for name, x in rates.items()],
            ("answers a second", "median", "least"),
            floatfmt=".0f",
        )
    )
    plain_rates, shared_rates = rates.values()
    ratio = statistics.median(shared / alone for alone, shared in zip(plain_rates, shared_rates, strict=True))
    print(f"shared / plain, median of {rounds} rounds: {ratio:.2f}")


if __name__ == "__main__":
    main()
