"""The difference between two models on the same problems: how large, how sure, how likely by chance."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

import numpy as np

from harness.statistics.bootstrap import Array
from harness.statistics.intervals import Interval, grouped
from harness.statistics.mcnemar import mid_p
from harness.statistics.pass_at_k import estimates
from harness.statistics.power import detectable_difference, significant_difference
from harness.statistics.sign_flip import sign_flip_interval, sign_flip_p
from harness.statistics.tango import tango


class PairedMethod(StrEnum):
    """How a difference was tested; printed beside it."""

    MCNEMAR = "mcnemar mid-p, tango interval"
    """One sample each, k = 1, every problem apart."""
    SIGN_FLIP = "sign-flip permutation over problems"
    """Whole problems change sides, each with all its samples; the interval is what this does not reject."""
    SIGN_FLIP_TANGO = "sign-flip permutation, tango interval over problems"
    """All problems differ alike, so that nothing can vary: each counts once."""


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
    detectable: float
    """The true difference these problems would have shown with a chance of 80 %."""
    significant: float
    """About the smallest difference that would have been significant here."""
    problems: int


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
    difference, p_value = _as_mcnemar(values, confidence) if single else _as_clusters(sums, sizes, confidence, seed)
    error = _standard_error(sums, sizes)
    return PairedDifference(
        difference, p_value, error, detectable_difference(error), significant_difference(error), len(values)
    )


def _estimates(tallies: Sequence[Tally], k: int) -> Array:
    return estimates([tally.passed for tally in tallies], [tally.samples for tally in tallies], k)


def _as_mcnemar(values: Array, confidence: float) -> tuple[Interval, float]:
    gained, lost = int((values > 0).sum()), int((values < 0).sum())
    low, high = tango(gained, lost, len(values), confidence)
    return Interval(float(values.mean()), low, high, PairedMethod.MCNEMAR), mid_p(gained, lost)


def _as_clusters(sums: Array, sizes: Array, confidence: float, seed: int) -> tuple[Interval, float]:
    value, p_value = float(sums.sum() / sizes.sum()), sign_flip_p(sums, seed=seed)
    if np.ptp(sums / sizes) < 1e-12:
        many = len(sums)
        low, high = tango(max(value, 0.0) * many, max(-value, 0.0) * many, many, confidence)
        return Interval(value, low, high, PairedMethod.SIGN_FLIP_TANGO), p_value
    low, high = sign_flip_interval(sums, sizes, confidence, seed=seed)
    return Interval(value, low, high, PairedMethod.SIGN_FLIP), p_value


def _standard_error(sums: Array, sizes: Array) -> float:
    """Of the mean difference when the true one is 0: the spread of the clusters around 0."""
    return sqrt(float((sums**2).sum())) / float(sizes.sum())
