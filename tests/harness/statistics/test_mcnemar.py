from math import isclose

import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar

from harness.statistics.mcnemar import exact_p, mid_p


@pytest.mark.parametrize(
    ("gained", "lost", "exact", "mid"),
    [(6, 0, 0.03125, 0.015625), (5, 0, 0.0625, 0.03125), (10, 2, 0.0386, 0.0225), (17, 8, 0.1078, 0.0755)],
)
def test_known_values(gained: int, lost: int, exact: float, mid: float):
    assert isclose(exact_p(gained, lost), exact, abs_tol=5e-5)
    assert isclose(mid_p(gained, lost), mid, abs_tol=5e-5)


@pytest.mark.parametrize(("gained", "lost"), [(0, 0), (1, 0), (3, 3), (18, 7), (7, 18), (40, 61)])
def test_exact_equals_statsmodels(gained: int, lost: int):
    theirs = getattr(mcnemar([[50, gained], [lost, 50]], exact=True), "pvalue")  # noqa: B009 - its type hides it
    assert isclose(exact_p(gained, lost), theirs, rel_tol=1e-12)


@pytest.mark.parametrize(("gained", "lost"), [(18, 7), (3, 9), (0, 4), (40, 61)])
def test_mid_p_leaves_out_half_of_the_seen_outcome(gained: int, lost: int):
    fewer, discordant = min(gained, lost), gained + lost
    expected = 2 * stats.binom.cdf(fewer, discordant, 0.5) - stats.binom.pmf(fewer, discordant, 0.5)
    assert isclose(mid_p(gained, lost), expected, rel_tol=1e-9)


def test_below_five_discordant_problems_nothing_is_significant():
    assert mid_p(4, 0) > 0.05 >= mid_p(5, 0)
    assert exact_p(5, 0) > 0.05 >= exact_p(6, 0)


def test_no_difference_is_no_evidence():
    assert mid_p(0, 0) == mid_p(7, 7) == 1.0


def test_negative_counts_are_refused():
    with pytest.raises(ValueError, match="below 0"):
        mid_p(-1, 3)
