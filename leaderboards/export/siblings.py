"""What others printed for the same model and benchmark, beside what was measured here."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from harness.statistics.intervals import Interval
from leaderboards.export.published import PublishedScore, same_benchmark
from leaderboards.runs.names import model_id

_SIZE = re.compile(r"\d+(?:\.\d+)?[bm]")
_KINDS = frozenset({"base", "instruct", "chat"})
_SILENT = frozenset({"hf", "base"})
"""Parts of a name that do not tell one model from another."""


@dataclass(frozen=True, slots=True)
class Sibling:
    """One printed score of the model that a row measured."""

    score: PublishedScore
    difference: Interval
    """Measured minus printed, between -1 and 1. The printed number is taken as exact, so the true interval is wider."""


def same_model(name: str) -> tuple[str, frozenset[str]]:
    """What two spellings of one model share: `deepseek-ai/deepseek-coder-6.7b-instruct`, `DeepSeekCoder-instruct-6.7B`.

    The letters of its name, and its size and kind.
    """
    words = re.findall(r"[a-z0-9.+]+", model_id(name).rpartition("/")[2].lower())
    marks = {word for word in words if _SIZE.fullmatch(word) or word in _KINDS}
    letters = "".join(word for word in words if word not in marks and word not in _SILENT)
    return letters, frozenset(marks - _SILENT)


def siblings(model: str, task: str, measured: Interval, published: Iterable[PublishedScore]) -> list[Sibling]:
    """The printed scores of that model on that task, in the order of `published`."""
    wanted, benchmark = same_model(model), same_benchmark(task)
    found: list[Sibling] = []
    for score in published:
        if (score.benchmark, score.language) == benchmark and same_model(score.model) == wanted:
            printed = score.value / 100
            ends = measured.low - printed, measured.high - printed
            found.append(Sibling(score, Interval(measured.value - printed, *ends, measured.method)))
    return found
