"""Scores published by others, with their sources; shown in a table of their own and never ranked with measured ones."""

from dataclasses import dataclass
from importlib.resources import files

import msgspec

from tasks.errors import TaskError
from tasks.registry import expand, known_benchmark


@dataclass(frozen=True, slots=True)
class PublishedScore:
    """One printed number. Nothing in it was computed here."""

    model: str
    params_b: float | None
    """Billions, as that source prints it; None is unknown."""
    open: bool
    """The weights can be downloaded."""
    benchmark: str
    language: str
    """`avg` is the average that the source prints."""
    metric: str
    value: float
    """Per cent."""
    decoding: str
    """greedy, n=20,T=0.2 or unknown."""
    decoding_basis: str
    """Whether the source states the decoding, or it was inferred, or neither."""
    source: str
    note: str
    variant: str | None
    train_data: str | None
    train_size: int | None
    printed_delta: float | None


def published_scores() -> tuple[PublishedScore, ...]:
    """All of them, in the order of their sources."""
    text = (files("leaderboards.export") / "published_scores.json").read_bytes()
    return msgspec.json.decode(text, type=tuple[PublishedScore, ...])


def same_benchmark(task: str) -> tuple[str, str]:
    """The published benchmark and language that a task, or a group of tasks, corresponds to; empty where none does."""
    if row := known_benchmark(task):
        return row.published or ("", "")
    try:
        members = expand(task)
    except TaskError:
        return "", ""
    first = known_benchmark(members[0])
    return (first.published[0], "avg") if first and first.published else ("", "")


def published_for(task: str) -> list[PublishedScore]:
    """What was printed for that task, the best first."""
    wanted = same_benchmark(task)
    found = [score for score in published_scores() if (score.benchmark, score.language) == wanted]
    return sorted(found, key=lambda score: -score.value)
