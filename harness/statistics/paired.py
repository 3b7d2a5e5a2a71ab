"""The difference between two models on the same problems: how large, how sure, how likely by chance."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

import numpy as np

from harness.statistics.bootstrap import Array
from harness.statistics.bounded_mean import BoundedMean
from harness.statistics.intervals import FEW, Interval, grouped
from harness.statistics.mcnemar import mid_p
from harness.statistics.pass_at_k import estimates
from harness.statistics.power import resolution, smallest_significant
from harness.statistics.sign_flip import sign_flip_interval, sign_flip_p


class PairedMethod(StrEnum):
    """How a difference was tested; printed beside it. The interval holds what the test does not reject."""

    MCNEMAR = "mcnemar mid-p"
    """One sample each, k = 1, every problem apart."""
    SIGN_FLIP = "sign-flip permutation over problems"
    """Whole problems change sides, each with all its samples."""
    GAFFKE = "gaffke mid-p over problems"
    """Few problems carry the difference: what the unseen ones may hold counts. McNemar's mid-p for any values."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Samples of one model on one problem."""

    samples: int
    passed: int


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """Second minus first, as shares of 1."""

    difference: Interval
    p_value: float
    standard_error: float
    """Of the mean difference when the true one is 0."""
    detectable: float
    """The true difference these problems would have shown with a chance of 80 %; at most 1."""
    significant: float
    """About the smallest difference that would have been significant here; above 1, none could be."""
    problems: int
    clusters: int
    """Pieces of evidence among these; as many as problems unless some are variants of one another."""

    @property
    def alike(self) -> bool:
        """Whether both do equally well on every cluster."""
        return self.standard_error == 0


def paired_difference(
    first: Sequence[Tally],
    second: Sequence[Tally],
    k: int = 1,
    *,
    clusters: Sequence[Hashable] = (),
    confidence: float = 0.95,
    seed: int = 0,
) -> PairedDifference:
    """pass@k of `second` minus that of `first` over the same problems, in the same order.

    `clusters[i]` names what problem i belongs to. Raises ValueError when there is no problem or k is too large.
    """
    values = _estimates(second, k) - _estimates(first, k)
    if not len(values):
        raise ValueError("no common problem to compare on: give at least one")
    sums, sizes = grouped(values, clusters)
    single = k == 1 and all(tally.samples == 1 for tally in (*first, *second)) and len(sums) == len(values)
    difference, p_value = _tested(sums, sizes, single, confidence, seed)
    error = sqrt(float((sums**2).sum())) / float(sizes.sum())  # the spread of the clusters around 0
    always = 0.0 if difference.method == PairedMethod.SIGN_FLIP else smallest_significant(len(sums), single=single)
    significant, detectable = resolution(error, always, len(sums))
    return PairedDifference(difference, p_value, error, detectable, significant, len(values), len(sums))


def _estimates(tallies: Sequence[Tally], k: int) -> Array:
    return estimates([tally.passed for tally in tallies], [tally.samples for tally in tallies], k)


def _tested(sums: Array, sizes: Array, single: bool, confidence: float, seed: int) -> tuple[Interval, float]:
    value, bounded = float(sums.sum() / sizes.sum()), BoundedMean(sums, sizes, -1.0, 1.0)
    if single:
        p_value = mid_p(int((sums > 0).sum()), int((sums < 0).sum()))
        return Interval(value, *bounded.mid_interval(confidence), PairedMethod.MCNEMAR), p_value
    if carriers(sums) < FEW or np.ptp(sums / sizes) < 1e-12:
        return Interval(value, *bounded.mid_interval(confidence), PairedMethod.GAFFKE), bounded.mid_p()
    ends = sign_flip_interval(sums, sizes, confidence, seed=seed)
    return Interval(value, *ends, PairedMethod.SIGN_FLIP), sign_flip_p(sums, seed=seed)


def carriers(sums: Array) -> float:
    """How many clusters carry a difference: (sum of squares)^2 / sum of fourth powers, 0 where there is none.

    With one sample each, the number of problems that only one model solves. From 30 on the sign-flip interval covers
    94 %. Where fewer carry the difference, a few large ones on unseen problems are missed: it covers as little as 50 %.
    """
    squares = sums**2
    return float(squares.sum() ** 2 / (squares**2).sum()) if squares.any() else 0.0
