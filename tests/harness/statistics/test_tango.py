from math import isclose, sqrt

import numpy as np
import pytest
from scipy import optimize

from harness.statistics.tango import tango


def likelihood_deviate(gained: int, lost: int, n: int, delta: float) -> float:
    """The same score statistic, its likeliest table found by search instead of by formula."""

    def surprise(share: float) -> float:
        cells = [(gained, share + delta), (lost, share), (n - gained - lost, 1 - delta - 2 * share)]
        return -sum(count * np.log(max(chance, 1e-300)) for count, chance in cells if count)

    best = optimize.minimize_scalar(
        surprise, bounds=(max(0.0, -delta), (1 - delta) / 2), method="bounded", options={"xatol": 1e-12}
    ).x
    return (gained - lost - n * delta) / sqrt(n * (2 * best + delta * (1 - delta)))


@pytest.mark.parametrize(("gained", "lost", "n"), [(10, 2, 164), (3, 17, 164), (12, 12, 60), (30, 61, 500)])
def test_the_ends_lie_one_quantile_away(gained: int, lost: int, n: int):
    low, high = tango(gained, lost, n)
    assert isclose(likelihood_deviate(gained, lost, n, low), 1.959964, abs_tol=1e-4)
    assert isclose(likelihood_deviate(gained, lost, n, high), -1.959964, abs_tol=1e-4)


def test_swapping_the_models_mirrors_the_interval():
    low, high = tango(10, 2, 164)
    assert np.allclose(tango(2, 10, 164), (-high, -low))


def test_no_discordant_problem_still_leaves_doubt():
    low, high = tango(0, 0, 164)
    assert isclose(low, -high, abs_tol=1e-12)
    assert 0.02 < high < 0.03


def test_the_ends_stay_within_the_possible():
    low, high = tango(164, 0, 164)
    assert (0.95 < low < 1, high) == (True, 1.0)
