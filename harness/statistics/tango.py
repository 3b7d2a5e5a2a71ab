"""Tango's interval for the difference of two paired proportions."""

from collections.abc import Callable
from math import sqrt
from statistics import NormalDist


def tango(gained: float, lost: float, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Score interval of (gained - lost) / n over n pairs (Tango 1998, Statistics in Medicine 17).

    `gained` pairs pass in the second only, `lost` in the first only. Keeps its level where Wald's does not: with
    few discordant pairs, or none.
    """
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    seen = (gained - lost) / n
    low = _solve(lambda delta: _deviate(gained, lost, n, delta) - z, -1.0, seen)
    high = _solve(lambda delta: _deviate(gained, lost, n, delta) + z, seen, 1.0)
    return low, high


def _deviate(gained: float, lost: float, n: int, delta: float) -> float:
    """How many standard errors the seen difference lies above `delta`, under the likeliest table of that `delta`."""
    linear = (2 * n - gained + lost) * delta - gained - lost
    constant = -lost * delta * (1 - delta)
    share = (sqrt(max(0.0, linear * linear - 8 * n * constant)) - linear) / (4 * n)
    variance = n * (2 * share + delta * (1 - delta))
    above = gained - lost - n * delta
    if variance <= 0:
        return 0.0 if abs(above) < 1e-12 else float("inf") * above
    return above / sqrt(variance)


def _solve(function: Callable[[float], float], low: float, high: float) -> float:
    """Where the falling `function` crosses zero; the end itself where it does not."""
    if function(low) <= 0:
        return low
    if function(high) >= 0:
        return high
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) > 0 else (low, middle)
    return (low + high) / 2
