"""Leaks that show in the words: a benchmark's text or solution inside a row, or a long run of shared tokens."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from datagen.leakage.benchmark import BenchmarkProblem
from datagen.rows.example import Example

_SPACES = re.compile(r"\s+")
_TOKEN = re.compile(r"\w+")
SHORTEST_SUBSTRING = 40
"""Characters; shorter texts and trivial one-liners would match by chance (Magicoder leaves four of them out too)."""


@dataclass(frozen=True, slots=True)
class Leak:
    """A row that resembles a benchmark problem."""

    example_id: str
    check: str
    benchmark: str
    task_id: str
    evidence: str


def substring_leaks(rows: Iterable[Example], problems: Sequence[BenchmarkProblem]) -> Iterator[Leak]:
    """Rows that hold a problem's text or solution, whatever its case and spacing."""
    needles: list[tuple[BenchmarkProblem, str, str]] = []
    for problem in problems:
        # A solution without its first line: names differ, bodies are copied.
        lines = problem.solution.splitlines()
        head = next((number for number, line in enumerate(lines) if line.startswith("def ")), -1)
        texts = {"text": problem.text, "solution": "\n".join(lines[head + 1 :])}
        for kind, needle in ((kind, _squeeze(text)) for kind, text in texts.items()):
            if len(needle) >= SHORTEST_SUBSTRING:
                needles.append((problem, kind, needle))
    for row in rows:
        text = _squeeze(f"{row.instruction}\n{row.input}\n{row.output}")
        for problem, kind, needle in needles:
            if needle in text:
                yield Leak(row.example_id, "substring", problem.benchmark, problem.task_id, f"holds the {kind}")


def ngram_leaks(rows: Iterable[Example], problems: Sequence[BenchmarkProblem], length: int) -> Iterator[Leak]:
    """Rows that share a run of `length` words with a problem's text or solution."""
    owners: dict[tuple[str, ...], BenchmarkProblem] = {}
    for problem in problems:
        for text in (problem.text, problem.solution):
            for gram in _grams(text, length):
                owners.setdefault(gram, problem)
    for row in rows:
        found: dict[str, tuple[BenchmarkProblem, tuple[str, ...]]] = {}
        for text in (row.instruction, row.input, row.output):
            for gram in _grams(text, length):
                problem = owners.get(gram)
                if problem is not None:
                    found.setdefault(problem.task_id, (problem, gram))
        for problem, gram in found.values():
            yield Leak(row.example_id, "ngram", problem.benchmark, problem.task_id, " ".join(gram))


def _squeeze(text: str) -> str:
    return _SPACES.sub("", text).lower()


def _grams(text: str, length: int) -> Iterator[tuple[str, ...]]:
    words = _TOKEN.findall(text.lower())
    for begin in range(len(words) - length + 1):
        yield tuple(words[begin : begin + length])
