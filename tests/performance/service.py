"""What `wavebench serve` costs beside the plain pool: many clients over HTTP, and one caller without it, taking turns.

python tests/performance/service.py            some minutes on two quiet cores
python tests/performance/service.py --quick    one short round: does it work?
python tests/performance/service.py --endurance 30000
    so many requests of /run_code with a tiny program each, and as many answers by /judge and /submit: how the server's
    memory goes

HumanEval's references are judged, each confirmed: one to a request by /submit, and 16 to a request by /judge. Clients
share the cores with the server, so that their own work (the column `clients`) lowers the rate; elsewhere it does not.
CPU seconds are those of the server's whole process tree, and of the pool's.
"""

import argparse
import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tabulate import tabulate

import wavebench

CLIENTS = 64
BATCH = 16
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
connections = threading.local()


def post(address: str, path: str, body: Any) -> Any:
    """By the standard library's client, which costs a quarter of what requests does."""
    if getattr(connections, "address", None) != address:
        connections.address, connections.own = address, http.client.HTTPConnection(address, timeout=600)
    connections.own.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
    answer = connections.own.getresponse()
    text = answer.read()
    assert answer.status == 200, text
    return json.loads(text)


def submitted(url: str, answers: Sequence[Answer], clients: ThreadPoolExecutor) -> list[tuple[str, bool]]:
    def ask(answer: Answer) -> tuple[str, bool]:
        body = {"dataset": "humaneval", "id": answer[1], "completion": answer[0], "config": CHAT}
        found = post(url, "/submit", body)
        return found["id"], found["accepted"]

    return list(clients.map(ask, answers))


def judged(url: str, answers: Sequence[Answer], clients: ThreadPoolExecutor) -> list[tuple[str, bool]]:
    def ask(batch: Sequence[Answer]) -> Iterable[tuple[str, bool]]:
        rows = [{"task_id": task_id} for _, task_id in batch]
        body = {"answers": [text for text, _ in batch], "rows": rows, "style": "chat"}
        results = post(url, "/judge", body)["results"]
        return [(row["task_id"], each["reward"] == 1.0) for row, each in zip(rows, results, strict=True)]

    batches = [answers[place : place + BATCH] for place in range(0, len(answers), BATCH)]
    return [each for found in clients.map(ask, batches) for each in found]


def endure(count: int, workers: int) -> None:
    """Prints the server's memory as the requests are answered, each kind of them in turn."""

    def ask(url: str, number: int) -> bool:
        body: dict[str, Any] = {"code": f"print({number})", "language": "python"}
        return post(url, "/run_code", body)["run_result"]["stdout"] == f"{number}\n"

    def ask_own(url: str, number: int) -> bool:
        body = {"answers": [f"def f(x): return x + {number}"], "rows": [{"tests": [f"assert f(1) == {number + 1}"]}]}
        return post(url, "/judge", body)["results"][0]["reward"] == 1.0

    def submit(url: str, number: int) -> bool:
        body = {"dataset": "humaneval", "id": number % 164, "completion": f"    return {number}\n", "config": {}}
        return post(url, "/submit", body)["accepted"] is False

    with server(workers) as (url, pid), ThreadPoolExecutor(CLIENTS) as clients:
        for kind in (ask, submit, ask_own):
            place = 0
            while place < count:
                step = min(count // 10, count - place)
                assert all(clients.map(lambda number, kind=kind: kind(url, number), range(place, place + step)))
                place += step
                print(f"{kind.__name__:8} {place:7,} requests  {memory_mb(pid):6.1f} MB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--endurance", type=int, metavar="REQUESTS")
    asked = parser.parse_args()
    if asked.endurance:
        endure(asked.endurance, asked.workers)
        return
    rounds, count = (1, 192) if asked.quick else (5, 1000)
    task = wavebench.load_task("humaneval", "chat")
    references = [(f"```python\n{task.reference(problem)}```", problem.task_id) for problem in task.problems]
    answers = (references * (count // len(references) + 1))[:count]
    columns: dict[str, list[tuple[float, float, float]]] = {}
    lost = 0

    def measure(name: str, pid: int, work: Callable[[], list[tuple[str, bool]]], *, keep: bool) -> None:
        nonlocal lost
        wall, cpu, own = time.perf_counter(), tree_cpu_seconds(pid), time.process_time()
        found = work()
        wall, cpu, own = time.perf_counter() - wall, tree_cpu_seconds(pid) - cpu, time.process_time() - own
        lost += sum(got != (task_id, True) for got, (_, task_id) in zip(found, answers, strict=True))
        if keep:
            columns.setdefault(name, []).append((wall, cpu, own))

    with (
        wavebench.open_sandbox(workers=asked.workers) as plain,
        server(asked.workers) as (url, pid),
        ThreadPoolExecutor(CLIENTS) as clients,
    ):

        def in_the_plain_pool() -> list[tuple[str, bool]]:
            texts, ids = [text for text, _ in answers], [task_id for _, task_id in answers]
            found = wavebench.judge(texts, ids, task, sandbox=plain)
            return [(task_id, each.confirmed is True) for task_id, each in zip(ids, found, strict=True)]

        memory: list[float] = []
        for number in range(rounds + 1):
            keep = number > 0  # the first round warms up
            measure("plain pool, one caller", os.getpid(), in_the_plain_pool, keep=keep)
            measure(f"/judge, {BATCH} a request", pid, lambda: judged(url, answers, clients), keep=keep)
            measure("/submit, one a request", pid, lambda: submitted(url, answers, clients), keep=keep)
            memory.append(memory_mb(pid))
    plain_runs = columns["plain pool, one caller"]
    rows = []
    for name, runs in columns.items():
        # The server's tree is a child of this process: it does nothing while the pool works, and is not counted twice.
        wall = statistics.median(run[0] for run in runs)
        ratios = [
            statistics.median(a[kind] / b[kind] for a, b in zip(plain_runs, runs, strict=True)) for kind in (0, 1)
        ]
        cpu = statistics.median(run[1] for run in runs)
        rows.append((name, count / wall, 1000 * cpu / count, 1000 * runs[0][2] / count, *ratios))
    print(f"{count} answers a round, {CLIENTS} clients, {asked.workers} workers, median of {rounds} rounds by turns")
    heads = ("", "answers/s", "CPU ms", "clients' CPU ms", "rate / plain, by the clock", "by CPU")
    print(tabulate(rows, heads, floatfmt=".2f", tablefmt="github"))
    print(
        f"answers lost or mixed up: {lost}; the server's memory after each round: {[round(each) for each in memory]} MB"
    )


if __name__ == "__main__":
    main()
