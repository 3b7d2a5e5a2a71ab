"""The mean of values between two known bounds: tests and intervals that hold their level for few problems, too.

Gaffke (2005) weights the values at random, uniformly over all weights that sum to 1, together with one more value at
the worst bound: the problem that nobody has seen yet. For passes and failures this is the interval of Clopper and
Pearson, for pairs of them McNemar's exact test. Nothing is assumed of how the values are distributed; that the level
holds for all distributions is a conjecture, which calibration.py and the proofs for special cases support.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from harness.statistics.bootstrap import Array

_FARTHEST = 20.0
"""Standard deviations beyond which a chance counts as 0 or 1."""
_FIRST, _LAST = -20.0, 14.0
"""Logarithms of the frequencies, in standard deviations, beyond which nothing is left to add."""


@dataclass(frozen=True, slots=True)
class BoundedMean:
    """The mean sum(sums) / sum(sizes) over clusters, of values between `lowest` and `highest`."""

    sums: Array
    """Sum of the values of each cluster."""
    sizes: Array
    """Number of values of each cluster."""
    lowest: float
    highest: float

    def exact_interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Each end is missed with chance (1 - confidence) / 2 at most: the unseen cluster lies at that end's bound."""
        tail = 0.5 - confidence / 2
        low = self._solve(lambda mean: self._chance_below(mean, self.lowest), tail)
        high = self._solve(lambda mean: self._chance_below(mean, self.highest), 1 - tail)
        return low, high

    def mid_interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """The means that `mid_p` does not reject at 1 - confidence."""
        tail = 0.5 - confidence / 2
        return self._solve(self._mid_chance_below, tail), self._solve(self._mid_chance_below, 1 - tail)

    def mid_p(self, mean: float = 0.0) -> float:
        """Two-sided p of `mean`: a coin puts the unseen cluster at either bound. For single pairs McNemar's mid-p."""
        below = self._mid_chance_below(mean)
        return min(1.0, 2 * min(below, 1 - below))

    def _mid_chance_below(self, mean: float) -> float:
        return self._chance_below(mean, self.lowest, self.highest)

    def _chance_below(self, mean: float, *unseen: float) -> float:
        """Chance that the randomly weighted mean is `mean` or less, averaged over values of the unseen cluster.

        That cluster is as large as the largest seen one.
        """
        excess = self.sums - mean * self.sizes
        return fmean(_chance_of_negative(excess, (value - mean) * float(self.sizes.max())) for value in unseen)

    def _solve(self, chance: Callable[[float], float], target: float) -> float:
        """Where the rising `chance` reaches `target`; a bound where no mean between them does."""
        low, high = self.lowest, self.highest
        below, above = chance(low) - target, chance(high) - target
        if below >= 0:
            return low
        if above <= 0:
            return high
        side = 0
        for number in range(100):  # bisection from afar, then false position by the Illinois rule
            middle = (low + high) / 2 if number < 4 else low - below * (high - low) / (above - below)
            found = chance(middle) - target
            if abs(found) < 1e-9 or high - low < 1e-9:
                return middle
            if found < 0:
                low, below, above = middle, found, above / 2 if side < 0 else above
            else:
                high, above, below = middle, found, below / 2 if side > 0 else below
            side = -1 if found < 0 else 1
        return (low + high) / 2


def _chance_of_negative(factors: Array, unseen: float) -> float:
    """P(sum(factors * e) + unseen * e' <= 0) for independent exponential e, e' (Gil-Pelaez 1951).

    The integral over the characteristic function runs in the logarithm of the frequency, where the trapezoidal rule
    converges exponentially; its steps are halved until two sums agree.
    """
    values, counts = np.unique(np.append(factors, unseen), return_counts=True)
    scale = float(np.sqrt((counts * values**2).sum()))
    if scale == 0:
        return 0.5
    distance = float((counts * values).sum()) / scale
    if abs(distance) > _FARTHEST:
        return float(distance < 0)

    def trapezoids(first: float, step: float) -> float:
        turns = np.exp(np.arange(first, _LAST, step))[:, None] * (values / scale)
        size = np.exp(-(np.log1p(turns**2) @ counts) / 2)
        return step * float((size * np.sin(np.arctan(turns) @ counts)).sum()) / np.pi

    step = 0.2
    coarse, fine = np.inf, trapezoids(_FIRST, step)
    while abs(fine - coarse) > 1e-8 and step > 1e-3:
        coarse, fine = fine, (fine + trapezoids(_FIRST + step / 2, step)) / 2
        step /= 2
    return min(1.0, max(0.0, 0.5 - fine))
