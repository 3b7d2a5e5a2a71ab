"""Scores and ranks over several columns at once: the macro average and who is surely ahead of whom."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from harness.statistics.bootstrap import Array
from harness.statistics.bounded_mean import BoundedMean
from harness.statistics.clusters import cluster_of
from harness.statistics.intervals import Interval, bootstrap_mean, is_few
from harness.statistics.paired import Tally
from harness.statistics.pass_at_k import pass_at_k
from harness.statistics.ranks import RankRange, rank_ranges
from leaderboards.runs.row import ModelRow

AVERAGE_METHOD = "bca bootstrap over problems, tasks weighted equally"
AVERAGE_OF_FEW = "gaffke over problems, tasks weighted equally"
"""Where some task has few passes or few failures."""
C = TypeVar("C")


def average(rows: Mapping[C, ModelRow], k: int) -> Interval:
    """The macro average of pass@k: every task counts the same, however many problems it has."""
    if len(rows) == 1:
        return next(iter(rows.values())).rates[k]
    value = sum(row.rates[k].value for row in rows.values()) / len(rows)
    shares = [_Share(row.settings.task, row.tallies, row.rates[k].value) for row in rows.values()]
    pulls = _column(shares, value, lambda tally: pass_at_k(tally.samples, tally.passed, k))
    sizes = np.ones(len(pulls))
    few = any(is_few(share.value, len(share.tallies)) for share in shares)
    if few or np.ptp(pulls) * len(pulls) < 1e-12:
        lowest, highest = _column(shares, value, lambda _: 0.0).min(), _column(shares, value, lambda _: 1.0).max()
        scaled = BoundedMean(pulls * len(pulls), sizes, float(lowest) * len(pulls), float(highest) * len(pulls))
        low, high = scaled.exact_interval()
        return Interval(value, max(0.0, low), min(1.0, high), AVERAGE_OF_FEW)
    low, high = bootstrap_mean((pulls - pulls.mean()) * len(pulls), sizes)
    return Interval(value, max(0.0, value + low), min(1.0, value + high), AVERAGE_METHOD)


def rank(lines: Sequence[Mapping[C, ModelRow]], k: int) -> list[RankRange | None]:
    """Rank ranges of the lines that have rows, all of the same columns; None for the empty ones.

    A forged pass counts as a failure here.
    """
    ranked = [index for index, rows in enumerate(lines) if rows]
    places: list[RankRange | None] = [None] * len(lines)
    if not ranked:
        return places
    found: list[dict[str, float]] = []
    for index in ranked:
        rows = lines[index].values()
        shares = [_Share(row.settings.task, row.unforged, row.unforged_value(k)) for row in rows]
        value = sum(share.value for share in shares) / len(shares)
        found.append(_contributions(shares, value, lambda tally: pass_at_k(tally.samples, tally.passed, k)))
    clusters = sorted({cluster for contributions in found for cluster in contributions})
    # What each cluster adds to each line's average, shape (clusters, lines).
    table = np.array([[contributions.get(cluster, 0.0) for contributions in found] for cluster in clusters])
    for index, place in zip(ranked, rank_ranges(table), strict=True):
        places[index] = place
    return places


@dataclass(frozen=True, slots=True)
class _Share:
    """What one task gives to an average."""

    task: str
    tallies: Mapping[str, Tally]
    value: float


def _column(shares: Sequence[_Share], value: float, estimate: Callable[[Tally], float]) -> Array:
    return np.array(list(_contributions(shares, value, estimate).values()))


def _contributions(shares: Sequence[_Share], value: float, estimate: Callable[[Tally], float]) -> dict[str, float]:
    """By cluster; they sum up to the average. How far whole tasks lie apart is no noise and is taken out."""
    found: dict[str, float] = {}
    for share in shares:
        shift = value - share.value
        for task_id, tally in share.tallies.items():
            cluster = cluster_of(share.task, task_id)
            part = (estimate(tally) + shift) / (len(share.tallies) * len(shares))
            found[cluster] = found.get(cluster, 0.0) + part
    return found
