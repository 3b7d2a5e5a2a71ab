"""What a benchmark of n problems can tell apart, said before or beside a comparison."""

from math import ceil, sqrt
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


def _z(chance: float) -> float:
    return NormalDist().inv_cdf(chance)
