"""How far the benchmarks' own solutions stay below their limits of processor time on this machine."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from sandbox.errors import WavebenchError
from sandbox.launch import open_sandbox
from sandbox.program import Program
from sandbox.sandbox import Sandbox
from tasks.registry import load, names
from tasks.task import Problem, Task
from tasks.verdict import Verdict

HEADER = ("task", "references", "passed", "limit s", "p99 s", "max s", "slowest", "limit is x times the max")


@dataclass(frozen=True, slots=True)
class Headroom:
    """Of one task's reference solutions."""

    task: str
    references: int
    passed: int
    limit_seconds: float
    """CPU seconds allowed to the slowest."""
    p99_seconds: float
    slowest_seconds: float
    slowest: str
    """Task id."""


def measure_headroom(data: Path | None = None, workers: int | None = None) -> Iterator[Headroom]:
    """One after the other for the tasks in Python whose data is at hand; nothing is taken from the cache."""
    # Without the cache: a kept outcome would show the time of another machine.
    with open_sandbox(workers=workers) as sandbox:
        for name in names():
            try:
                task = load(name, data_dir=data)
            except WavebenchError:
                continue  # `wavebench doctor` says what is missing
            if all(problem.language == "python" for problem in task.problems):
                yield _measure(task, sandbox)


def headroom_table(headrooms: list[Headroom]) -> str:
    """One line per task."""
    from tabulate import tabulate

    rows: list[list[str]] = []
    for row in headrooms:
        seconds = (row.limit_seconds, row.p99_seconds, row.slowest_seconds)
        times = f"{row.limit_seconds / max(row.slowest_seconds, 1e-6):.0f}"
        counts = (str(row.references), str(row.passed))
        rows.append([row.task, *counts, *(f"{value:.3f}" for value in seconds), row.slowest, times])
    return tabulate(rows, HEADER, tablefmt="simple", disable_numparse=True)


def _measure(task: Task[Any], sandbox: Sandbox) -> Headroom:
    programs: dict[str, tuple[Problem, Program]] = {
        problem.task_id: (problem, task.program(problem, task.reference(problem))) for problem in task.problems
    }
    seconds: dict[str, float] = {}
    passed = 0
    for task_id, outcome in sandbox.run((task_id, program) for task_id, (_, program) in programs.items()):
        seconds[task_id] = outcome.cpu_seconds
        passed += task.verdict(programs[task_id][0], outcome).verdict is Verdict.PASSED
    ordered = sorted(seconds, key=lambda task_id: seconds[task_id])
    slowest = ordered[-1]
    return Headroom(
        task=task.name,
        references=len(ordered),
        passed=passed,
        limit_seconds=programs[slowest][1].limits.cpu_seconds,
        p99_seconds=seconds[ordered[ceil(0.99 * len(ordered)) - 1]],
        slowest_seconds=seconds[slowest],
        slowest=slowest,
    )
