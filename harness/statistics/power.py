"""What a benchmark of n problems can tell apart, said before or beside a comparison."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, fsum, log2, sqrt
from statistics import NormalDist

POWER = 0.8
LEVEL = 0.05
"""Two-sided."""


def detectable_difference(standard_error: float, power: float = POWER, level: float = LEVEL) -> float:
    """The true difference that a two-sided test finds with chance `power`: 2.80 standard errors by default."""
    return (_z(1 - level / 2) + _z(power)) * standard_error


def significant_difference(standard_error: float, level: float = LEVEL) -> float:
    """The smallest seen difference that counts as significant: 1.96 standard errors by default."""
    return _z(1 - level / 2) * standard_error


def smallest_significant(clusters: int, *, single: bool, level: float = LEVEL) -> float:
    """The smallest difference that so many clusters can show at all, all of it in one direction; above 1 is never.

    With one sample each (`single`) that takes 5 problems that only one model solves. Else differences that are alike on
    every cluster, (1 + d) ** -clusters = level, about 3 / clusters: what the mid-p of a bounded mean asks for.
    """
    if single:
        return ceil(log2(1 / level)) / clusters
    return level ** (-1 / clusters) - 1


def resolution(standard_error: float, smallest: float, clusters: int) -> tuple[float, float]:
    """The significant and the detectable difference, where nothing below `smallest` is ever significant.

    So few differences that their spread says little have the spread of a difference of `smallest`.
    """
    significant = significant_difference(standard_error)
    if significant >= smallest:
        return significant, min(1.0, detectable_difference(standard_error))
    return smallest, min(1.0, smallest + _z(POWER) * sqrt(smallest / clusters))


def paired_standard_error(discordant_share: float, problems: int) -> float:
    """Standard error of the paired difference, one sample each, when `discordant_share` of the problems differ."""
    return sqrt(discordant_share / problems)


def detectable_with_one_sample(discordant_share: float, problems: int, power: float = POWER) -> float:
    """The detectable difference on that many problems, one sample each (Connor 1987, null variance)."""
    return detectable_difference(paired_standard_error(discordant_share, problems), power)


def problems_needed(difference: float, discordant_share: float, power: float = POWER, level: float = LEVEL) -> int:
    """How many problems it takes to find `difference` with chance `power`, one sample each."""
    if difference == 0:
        raise ValueError("no number of problems shows a difference of 0: give one above 0")
    return ceil(discordant_share * (detectable_difference(1.0, power, level) / difference) ** 2)


@dataclass(frozen=True, slots=True)
class Spread:
    """How much the difference between two models varies from problem to problem, in squared shares of 1."""

    between: float
    """Mean square of the true difference on a problem: what more samples do not take away."""
    within: float
    """Mean over the problems of p(1 - p), of both models together: chance within a problem, from sampling."""

    @property
    def discordant_share(self) -> float:
        """How often one sample of each model differs on a problem: 1 and 0, or 0 and 1."""
        return self.between + self.within

    def variance(self, samples: int) -> float:
        """Of one problem's difference when each model answers it so many times (Miller 2024, section 5)."""
        return self.between + self.within / samples

    def problems_needed(self, difference: float, samples: int, power: float = POWER, level: float = LEVEL) -> int:
        """N = (z(1 - level/2) + z(power))^2 * (between + within / samples) / difference^2 (Miller 2024, eq. 9).

        For one sample this is `problems_needed` of the discordant share.
        """
        return problems_needed(difference, self.variance(samples), power, level)

    def detectable(self, problems: int, samples: int, power: float = POWER, level: float = LEVEL) -> float:
        """The true difference that so many problems and samples show with chance `power`."""
        return detectable_difference(sqrt(self.variance(samples) / problems), power, level)


def spread_of(first: Sequence[tuple[int, int]], second: Sequence[tuple[int, int]]) -> Spread:
    """The spread between two models from (samples, passed) on the same problems in the same order; without bias.

    One sample of a problem tells nothing of chance within it: then all of the difference counts as between.
    """
    if not first or len(first) != len(second):
        raise ValueError(f"{len(first)} and {len(second)} problems cannot be paired: give the same ones, at least 1")
    within: list[float] = []
    between: list[float] = []
    for (n, a), (m, b) in zip(first, second, strict=True):
        of_first, of_second = _chance_variance(n, a), _chance_variance(m, b)
        within.append(of_first + of_second)
        between.append((a / n - b / m) ** 2 - of_first / n - of_second / m)
    return Spread(max(0.0, fsum(between) / len(between)), fsum(within) / len(within))


def _chance_variance(samples: int, passed: int) -> float:
    """The unbiased estimate of p(1 - p)."""
    share = passed / samples
    return share * (1 - share) * samples / (samples - 1) if samples > 1 else 0.0


def _z(chance: float) -> float:
    return NormalDist().inv_cdf(chance)
