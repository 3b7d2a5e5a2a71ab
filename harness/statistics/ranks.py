"""Ranks as ranges: the places a model may hold, all models of a table considered at once."""

from dataclasses import dataclass

import numpy as np

from harness.statistics.bootstrap import CELLS_AT_ONCE, Array

DRAWS = 4_000


@dataclass(frozen=True, slots=True)
class RankRange:
    """Places from best to worst; 1 is the top. Two models whose ranges meet are not told apart."""

    best: int
    worst: int


def rank_ranges(
    contributions: Array, confidence: float = 0.95, *, draws: int = DRAWS, seed: int = 0
) -> list[RankRange]:
    """The ranges that hold every model's true place at once with chance `confidence`.

    `contributions` has shape (clusters, models); a model's score is the sum of its column. From simultaneous intervals
    of all pairwise differences (Mogstad, Romano, Shaikh, Wilhelm 2024), their critical value by a multiplier bootstrap
    over clusters with random signs: one model is better than another only when the whole table allows to say so.
    """
    scores = contributions.sum(axis=0)
    gaps = scores[:, None] - scores[None, :]
    products = contributions.T @ contributions
    squares = np.diag(products)
    # Standard error of each pairwise difference around 0.
    errors = np.sqrt(np.maximum(squares[:, None] + squares[None, :] - 2 * products, 0.0))
    known = errors > 0
    scale = np.where(known, errors, np.inf)
    critical = np.quantile(_largest_gaps(contributions, scale, draws, seed), confidence)
    alike = np.where(known, critical * errors, 0.0)
    # Whether the model of the row beats the model of the column; the slack is for rounding alone.
    better = gaps > alike * (1 + 1e-9) + 1e-12
    models = contributions.shape[1]
    return [RankRange(1 + int(better[:, m].sum()), models - int(better[m].sum())) for m in range(models)]


def _largest_gaps(contributions: Array, scale: Array, draws: int, seed: int) -> Array:
    """The largest studentized difference of any pair, were names exchanged by a coin on each cluster."""
    generator = np.random.default_rng(seed)
    clusters, models = contributions.shape
    block = max(1, CELLS_AT_ONCE // max(clusters, models * models))
    largest: list[Array] = []
    for begin in range(0, draws, block):
        signs = 2.0 * generator.integers(0, 2, size=(min(block, draws - begin), clusters)) - 1.0
        sums = signs @ contributions
        largest.append((np.abs(sums[:, :, None] - sums[:, None, :]) / scale).max(axis=(1, 2)))
    return np.concatenate(largest)
