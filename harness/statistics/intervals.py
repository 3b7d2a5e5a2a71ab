"""How sure one score is: Wilson's interval for one sample per problem, else a bootstrap over problems.

Both need many passes and many failures. Where either is few, their 95 % cover as little as 60 % (5 problems, 20 samples
each), and an exact interval takes their place.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from statistics import NormalDist

import numpy as np

from harness.statistics.bootstrap import RESAMPLES, Array, resampled_counts, weighted_sums
from harness.statistics.bounded_mean import BoundedMean
from harness.statistics.pass_at_k import estimates

FEW = 30
"""Fewer problems than this on either side (passed and failed) are too few for Wilson and the bootstrap.

From 30 on Wilson covers at least 93.9 % whatever the true score and the number of problems; from 10 on, 92.7 %.
"""


class IntervalMethod(StrEnum):
    """How an interval was made; printed beside it."""

    CLOPPER_PEARSON = "clopper-pearson"
    """Exact (Clopper and Pearson 1934): one sample per problem, few passes or few failures."""
    GAFFKE = "gaffke over problems"
    """The same for several samples or clusters of problems: Gaffke's bounds of a mean between 0 and 1."""
    WILSON = "wilson"
    """Score interval of a binomial proportion (Wilson 1927): one sample per problem, every problem apart."""
    BOOTSTRAP = "bca bootstrap over problems"
    """Problems are drawn with replacement, each with all its samples; corrected for bias and skew (Efron 1987)."""
    WILSON_OVER_PROBLEMS = "wilson over problems"
    """Every problem has the same estimate, so that no bootstrap can vary: Wilson with each problem counted once."""


_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Interval:
    """A value between 0 and 1 and where the true one is thought to lie."""

    value: float
    low: float
    high: float
    method: str


def score_interval(
    correct: Sequence[int],
    samples: Sequence[int],
    k: int = 1,
    *,
    clusters: Sequence[Hashable] = (),
    confidence: float = 0.95,
    seed: int = 0,
) -> Interval:
    """pass@k over problems with `correct[i]` of `samples[i]` passing, and its interval over a wider set of problems.

    `clusters[i]` names what problem i must be resampled with, such as one HumanEval number in six languages.
    Raises ValueError when there is no problem, or fewer than k samples of one.
    """
    values = estimates(correct, samples, k)
    if not len(values):
        raise ValueError("the score of no problem is undefined: give at least one")
    value = float(values.mean())
    sums, sizes = grouped(values, clusters)
    single = k == 1 and set(samples) == {1} and len(sums) == len(values)
    if is_few(value, len(sums)):
        low, high = BoundedMean(sums, sizes, 0.0, 1.0).exact_interval(confidence)
        return Interval(value, low, high, IntervalMethod.CLOPPER_PEARSON if single else IntervalMethod.GAFFKE)
    if single:
        return Interval(value, *wilson(value, len(values), confidence), IntervalMethod.WILSON)
    if np.ptp(sums / sizes) < 1e-12:
        return Interval(value, *wilson(value, len(sums), confidence), IntervalMethod.WILSON_OVER_PROBLEMS)
    low, high = bootstrap_mean(sums, sizes, confidence, seed=seed)
    return Interval(value, low, high, IntervalMethod.BOOTSTRAP)


def is_few(value: float, clusters: int) -> bool:
    """Whether a score of `value` over that many clusters rests on few passes or few failures."""
    return min(value, 1 - value) * clusters < FEW - 1e-9


def wilson(value: float, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of the proportion `value` seen in n independent trials."""
    z = _NORMAL.inv_cdf(0.5 + confidence / 2)
    centre = (value + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(value * (1 - value) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    low = 0.0 if value == 0 else max(0.0, centre - half)
    high = 1.0 if value == 1 else min(1.0, centre + half)
    return low, high


def grouped(values: Array, clusters: Sequence[Hashable] = ()) -> tuple[Array, Array]:
    """Sum and number of values of each cluster; without clusters each value is its own."""
    if not clusters:
        return values, np.ones(len(values))
    numbers = {name: number for number, name in enumerate(dict.fromkeys(clusters))}
    index = np.array([numbers[name] for name in clusters])
    return np.bincount(index, values).astype(np.float64), np.bincount(index).astype(np.float64)


def bootstrap_mean(
    sums: Array, sizes: Array, confidence: float = 0.95, *, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[float, float]:
    """BCa interval of sum(sums) / sum(sizes) over clusters that do not all have the same mean."""
    draws = resampled_counts(len(sums), resamples, seed)
    means: list[Array] = [weighted_sums(counts, sums) / weighted_sums(counts, sizes) for counts in draws]
    jackknife: Array = (sums.sum() - sums) / (sizes.sum() - sizes)
    return bca(np.concatenate(means), float(sums.sum() / sizes.sum()), jackknife, confidence)


def bca(replicates: Array, value: float, jackknife: Array, confidence: float = 0.95) -> tuple[float, float]:
    """Bias-corrected and accelerated interval (Efron 1987) from bootstrap replicates and leave-one-out values.

    It replaces plain percentiles, which cover 90 % instead of 95 % of rare passes.
    """
    below = (np.count_nonzero(replicates < value) + np.count_nonzero(replicates == value) / 2) / len(replicates)
    edge = 1 / (2 * len(replicates))
    bias = _NORMAL.inv_cdf(min(max(below, edge), 1 - edge))
    pulls = jackknife.mean() - jackknife
    acceleration = float((pulls**3).sum() / (6 * (pulls**2).sum() ** 1.5))
    # Which quantiles of the replicates stand for these two of the value.
    shifted = [bias + _NORMAL.inv_cdf(tail) for tail in (0.5 - confidence / 2, 0.5 + confidence / 2)]
    levels = [_NORMAL.cdf(bias + shift / (1 - acceleration * shift)) for shift in shifted]
    low, high = np.quantile(replicates, levels)
    return float(low), float(high)
