"""What `wavebench serve` costs beside the plain pool: many clients over HTTP, and one caller without it, taking turns.

python tests/performance/service.py            some minutes on two quiet cores
python tests/performance/service.py --quick    one short round: does it work?
python tests/performance/service.py --endurance 30000
    so many requests of /run_code with a tiny program each, and as many answers by /judge and /submit: how the server's
    memory goes

HumanEval's references are judged, each confirmed: one to a request by /submit, and 16 to a request by /judge. Each text
comes once, as a model's answers do, so that no cache of what was parsed or compiled helps either side.

The 64 clients share the cores with the server, which they would not elsewhere. They are no part of what is measured: so
they are one thread with ready-made requests (`many_clients.py`), about a quarter of what the standard library's client
costs, and their CPU is shown in a column of its own. CPU seconds are those of the server's whole process tree, and of
the pool's. The last columns are the pool's time by that of the row: with all that the clients take, and by CPU without.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from tabulate import tabulate

import wavebench
from sandbox.sandbox import Sandbox
from tasks.task import Task
from tests.performance.many_clients import ask_all, post_request

CLIENTS = 64
BATCH = 16
WARM_UP = 10 * BATCH
"""Answers that are judged before the clock runs, as testers start with the first of them."""
CHAT = {"extra": {"is_freeform": True}}
TICKS = os.sysconf("SC_CLK_TCK")
START = "from wavebench.service.command import serve; import typer; typer.run(serve)"


def tree_cpu_seconds(root: int) -> float:
    """CPU time of a process, of what it started, and of what those have waited for."""
    stats: dict[int, list[str]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stats[int(folder.name)] = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
    tree, before = {root}, 0
    while len(tree) > before:
        before = len(tree)
        tree |= {pid for pid, words in stats.items() if int(words[1]) in tree}
    return sum(sum(map(int, stats[pid][11:15])) for pid in tree if pid in stats) / TICKS


def memory_mb(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) / 1024


@contextmanager
def server(workers: int) -> Iterator[tuple[str, int]]:
    command = [sys.executable, "-c", START, "--port", "0", "--workers", str(workers), "--task", "humaneval"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        found = re.search(r"http://([\d.]+:\d+)", process.stderr.readline())
        assert found
        try:
            yield found[1], process.pid
        finally:
            process.terminate()


Answer = tuple[str, str]


def in_the_plain_pool(plain: Sandbox, task: Task[Any], answers: Sequence[Answer]) -> list[tuple[str, bool]]:
    texts, ids = [text for text, _ in answers], [task_id for _, task_id in answers]
    found = wavebench.judge(texts, ids, task, sandbox=plain)
    return [(task_id, each.confirmed is True) for task_id, each in zip(ids, found, strict=True)]


def submissions(answers: Sequence[Answer]) -> list[bytes]:
    return [
        post_request("/submit", {"dataset": "humaneval", "id": task_id, "completion": text, "config": CHAT})
        for text, task_id in answers
    ]


def submitted(url: str, requests: Sequence[bytes]) -> list[tuple[str, bool]]:
    found = map(json.loads, ask_all(url, requests, CLIENTS))
    return [(each["id"], each["accepted"]) for each in found]


def batches(answers: Sequence[Answer]) -> list[bytes]:
    parts = [answers[place : place + BATCH] for place in range(0, len(answers), BATCH)]
    return [
        post_request(
            "/judge",
            {"answers": [text for text, _ in part], "rows": [{"task_id": each} for _, each in part], "style": "chat"},
        )
        for part in parts
    ]


def judged(url: str, requests: Sequence[bytes], answers: Sequence[Answer]) -> list[tuple[str, bool]]:
    results = [each for body in ask_all(url, requests, CLIENTS) for each in json.loads(body)["results"]]
    return [(task_id, each["reward"] == 1.0) for (_, task_id), each in zip(answers, results, strict=True)]


def endure(count: int, workers: int) -> None:
    """Prints the server's memory as the requests are answered, each kind of them in turn."""

    def run_code(number: int) -> bytes:
        return post_request("/run_code", {"code": f"print({number})", "language": "python"})

    def submit(number: int) -> bytes:
        body = {"dataset": "humaneval", "id": number % 164, "completion": f"    return {number}\n", "config": {}}
        return post_request("/submit", body)

    def judge(number: int) -> bytes:
        body = {"answers": [f"def f(x): return x + {number}"], "rows": [{"tests": [f"assert f(1) == {number + 1}"]}]}
        return post_request("/judge", body)

    def is_right(number: int, body: bytes) -> bool:
        found = json.loads(body)
        if "run_result" in found:
            return found["run_result"]["stdout"] == f"{number}\n"
        return found["results"][0]["reward"] == 1.0 if "results" in found else found["accepted"] is False

    with server(workers) as (url, pid):
        for kind in (run_code, submit, judge):
            for place in range(0, count, count // 10):
                numbers = range(place, min(place + count // 10, count))
                bodies = ask_all(url, [kind(number) for number in numbers], CLIENTS)
                assert all(map(is_right, numbers, bodies))
                print(f"{kind.__name__:8} {numbers.stop:7,} requests  {memory_mb(pid):6.1f} MB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--answers", type=int, default=1000, help="In each round.")
    parser.add_argument("--endurance", type=int, metavar="REQUESTS")
    asked = parser.parse_args()
    if asked.endurance:
        endure(asked.endurance, asked.workers)
        return
    rounds, count = (1, 192) if asked.quick else (5, asked.answers)
    task = wavebench.load_task("humaneval", "chat")
    problems = [task.problems[number % len(task.problems)] for number in range(count)]
    answers = [
        (f"```python\n{task.reference(problem).rstrip()}\n# {number}\n```", problem.task_id)
        for number, problem in enumerate(problems)
    ]
    one_each, several_each = submissions(answers), batches(answers)
    columns: dict[str, list[tuple[float, float, float]]] = {}
    lost = 0

    def measure(name: str, pid: int, work: Callable[[], list[tuple[str, bool]]]) -> None:
        nonlocal lost
        wall, cpu, own = time.perf_counter(), tree_cpu_seconds(pid), time.process_time()
        found = work()
        wall, cpu, own = time.perf_counter() - wall, tree_cpu_seconds(pid) - cpu, time.process_time() - own
        lost += sum(got != (task_id, True) for got, (_, task_id) in zip(found, answers, strict=True))
        columns.setdefault(name, []).append((wall, cpu, own))

    for _ in range(rounds):
        # One is open at a time: a worker keeps a processor for itself, and the second sandbox would find none free.
        with wavebench.open_sandbox(workers=asked.workers) as plain:
            in_the_plain_pool(plain, task, answers[:WARM_UP])
            measure("plain pool, one caller", os.getpid(), partial(in_the_plain_pool, plain, task, answers))
        with server(asked.workers) as (url, pid):
            judged(url, several_each[: WARM_UP // BATCH], answers[:WARM_UP])
            measure(f"/judge, {BATCH} a request", pid, partial(judged, url, several_each, answers))
            measure("/submit, one a request", pid, partial(submitted, url, one_each))
    plain_runs = columns["plain pool, one caller"]
    rows = []
    for name, runs in columns.items():
        wall = statistics.median(run[0] for run in runs)
        ratios = [
            statistics.median(a[kind] / b[kind] for a, b in zip(plain_runs, runs, strict=True)) for kind in (0, 1)
        ]
        cpu = statistics.median(run[1] for run in runs)
        rows.append((name, count / wall, 1000 * cpu / count, 1000 * runs[0][2] / count, *ratios))
    print(f"{count} answers a round, {CLIENTS} clients, {asked.workers} workers, median of {rounds} rounds by turns")
    heads = ("", "answers/s", "CPU ms", "clients' CPU ms", "rate / plain, by the clock", "by CPU")
    print(tabulate(rows, heads, floatfmt=".2f", tablefmt="github"))
    print(f"answers lost or mixed up: {lost}")


if __name__ == "__main__":
    main()
