"""All leakage checks over a set of rows: what was found, what could not be checked, and the paper's table."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from datagen.config import LeakageConfig, LeakCheck
from datagen.coreset.selection import Vectors
from datagen.coreset.vector_store import text_keys
from datagen.leakage.behaviour import BehaviourCounts, behaviour_leaks
from datagen.leakage.benchmark import BenchmarkProblem, ComparedBenchmark
from datagen.leakage.neighbours import nearest
from datagen.leakage.text import Leak, ngram_leaks, substring_leaks
from datagen.rows.example import Example, TaskType
from datagen.rows.row_file import MappedRows
from datagen.workplace.local import LOCAL
from datagen.workplace.workplace import Workplace
from sandbox.sandbox import Sandbox
from tasks.extraction.fences import fenced_blocks

_ROWS_AT_ONCE = 4000
"""Rows whose functions are tried together."""
_ROWS_A_BLOCK = 2000
"""Rows whose words are compared together."""

Embed = Callable[[Sequence[str]], Vectors]


@dataclass(slots=True)
class LeakReport:
    """The results of all checks."""

    leaks: list[Leak] = field(default_factory=list[Leak])
    missing: dict[str, str] = field(default_factory=dict[str, str])
    """Benchmarks that were not here, and why."""
    problems: dict[str, int] = field(default_factory=dict[str, int])
    rows: int = 0
    scores: dict[str, float] = field(default_factory=dict[str, float])
    """The paper's leak score, by benchmark."""
    behaviour: BehaviourCounts = field(default_factory=BehaviourCounts)

    def rows_by_check(self) -> Mapping[str, int]:
        """How many different rows each check found, by "check, benchmark"."""
        found: dict[str, set[str]] = {}
        for leak in self.leaks:
            found.setdefault(f"{leak.check}, {leak.benchmark}", set()).add(leak.example_id)
        return {name: len(ids) for name, ids in sorted(found.items())}


def check_leakage(
    rows: Sequence[Example],
    benchmarks: Sequence[ComparedBenchmark],
    config: LeakageConfig,
    embed: Embed | None,
    open_sandbox: Callable[[], AbstractContextManager[Sandbox]] | None,
    progress: Callable[[int], None] = lambda functions: None,  # noqa: ARG005
    *,
    workers: int | None = None,
    workplace: Workplace = LOCAL,
) -> LeakReport:
    """Runs the configured checks. Without `embed` no score and no neighbours, without `open_sandbox` no behaviour.

    The sandbox is opened once all else is done: on a cluster it keeps the machines, where texts are encoded before.
    """
    problems = [problem for benchmark in benchmarks for problem in benchmark.problems]
    report = LeakReport(
        missing={each.name: each.missing for each in benchmarks if each.missing},
        problems={each.name: len(each.problems) for each in benchmarks if not each.missing},
        rows=len(rows),
    )
    if problems and {LeakCheck.SUBSTRING, LeakCheck.NGRAM} & set(config.checks):
        blocks = (rows[begin : begin + _ROWS_A_BLOCK] for begin in range(0, len(rows), _ROWS_A_BLOCK))
        for leaks in workplace.map_in_order(partial(_word_leaks, config, problems), blocks, workers):
            report.leaks += leaks
    if embed is not None and rows and problems:
        _add_neighbours(report, rows, benchmarks, config, embed)
    if LeakCheck.BEHAVIOUR in config.checks and open_sandbox is not None:
        with open_sandbox() as sandbox:
            for begin in range(0, len(rows), _ROWS_AT_ONCE):
                some = rows[begin : begin + _ROWS_AT_ONCE]
                report.leaks += behaviour_leaks(some, problems, sandbox, report.behaviour)
                progress(len(some))
    report.leaks.sort(key=lambda leak: (leak.check, leak.benchmark, leak.task_id, leak.example_id))
    return report


def _word_leaks(config: LeakageConfig, problems: Sequence[BenchmarkProblem], rows: Sequence[Example]) -> list[Leak]:
    """Of some rows; runs in a process of its own."""
    found: list[Leak] = []
    if LeakCheck.SUBSTRING in config.checks:
        found += substring_leaks(rows, problems)
    if LeakCheck.NGRAM in config.checks:
        found += ngram_leaks(rows, problems, config.ngram_tokens)
    return found


def training_code(row: Example) -> str:
    """The code that a row teaches: what it asks for, or what it describes."""
    text = row.input if row.task is TaskType.SUMMARIZATION else row.output
    # Prose around code would hide how near it is to a benchmark's.
    blocks = fenced_blocks(text) if "```" in text else ()
    return "\n\n".join(block.code for block in blocks) or text


def _add_neighbours(
    report: LeakReport,
    rows: Sequence[Example],
    benchmarks: Sequence[ComparedBenchmark],
    config: LeakageConfig,
    embed: Embed,
) -> None:
    keys = text_keys(map(training_code, rows))
    _, first = np.unique(keys, return_index=True)
    first.sort()
    places = [int(place) for place in first]
    training = embed(MappedRows(places, lambda place: training_code(rows[place])))
    by_key = np.argsort(keys, kind="stable")
    for benchmark in benchmarks:
        if not benchmark.problems:
            continue
        found = nearest(embed([problem.solution for problem in benchmark.problems]), training, config.neighbours)
        report.scores[benchmark.name] = round(found.mean_nearest, 4)
        if LeakCheck.NEIGHBOURS in config.checks:
            for problem, indices, similarities in zip(
                benchmark.problems, found.indices, found.similarities, strict=True
            ):
                neighbours = zip(indices.tolist(), similarities.tolist(), strict=True)
                for rank, (index, similarity) in enumerate(neighbours, start=1):
                    evidence = f"nearest neighbour {rank}, cosine {similarity:.3f}"
                    key = keys[first[index]]
                    owners = (np.searchsorted(keys, key, side, by_key) for side in ("left", "right"))
                    report.leaks += [
                        Leak(row.example_id, LeakCheck.NEIGHBOURS.value, problem.benchmark, problem.task_id, evidence)
                        for row in (rows[int(place)] for place in by_key[slice(*owners)])
                    ]
