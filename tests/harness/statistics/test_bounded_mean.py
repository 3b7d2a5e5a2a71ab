import numpy as np
import pytest
from scipy import stats

from harness.statistics.bounded_mean import BoundedMean
from harness.statistics.mcnemar import exact_p, mid_p


def bounded(values: list[float] | np.ndarray, lowest: float = 0.0) -> BoundedMean:
    return BoundedMean(np.array(values, dtype=float), np.ones(len(values)), lowest, 1.0)


def pairs(gained: int, lost: int, alike: int) -> BoundedMean:
    return bounded([1.0] * gained + [-1.0] * lost + [0.0] * alike, -1.0)


@pytest.mark.parametrize(("passed", "n"), [(0, 1), (1, 1), (2, 3), (5, 5), (0, 164), (3, 164), (51, 164), (2500, 5000)])
def test_of_passes_it_is_clopper_pearson(passed: int, n: int):
    theirs = stats.binomtest(passed, n).proportion_ci(method="exact")
    ours = bounded([1.0] * passed + [0.0] * (n - passed)).exact_interval()
    assert np.allclose(ours, (theirs.low, theirs.high), atol=1e-7)


@pytest.mark.parametrize(("gained", "lost"), [(0, 0), (3, 1), (5, 0), (10, 2), (17, 8), (40, 61)])
@pytest.mark.parametrize("alike", [0, 100])
def test_of_pairs_it_is_mcnemars_mid_p(gained: int, lost: int, alike: int):
    if gained + lost + alike:
        assert pairs(gained, lost, alike).mid_p() == pytest.approx(mid_p(gained, lost), abs=1e-7)


def test_the_exact_interval_of_pairs_is_mcnemars_exact_test():
    for gained, lost in ((5, 0), (6, 0), (9, 2), (10, 2)):
        low, _ = pairs(gained, lost, 100).exact_interval()
        assert (low > 0) == (exact_p(gained, lost) < 0.05)


@pytest.mark.parametrize("n", [1, 5, 20, 164, 1000])
def test_without_a_discordant_pair_it_is_the_rule_of_three(n: int):
    low, high = pairs(0, 0, n).mid_interval()
    assert high == pytest.approx(1 - 0.05 ** (1 / n), abs=1e-7)
    assert low == pytest.approx(-high, abs=1e-7)
    if n >= 100:
        assert high == pytest.approx(3 / n, rel=0.02)


@pytest.mark.parametrize("seed", range(8))
def test_the_ends_are_what_the_test_just_rejects(seed: int):
    generator = np.random.default_rng(seed)
    values = np.clip(generator.normal(0.1, 0.3, 3 + 4 * seed), -1, 1)
    found = bounded(values, -1.0)
    low, high = found.mid_interval()
    assert low < values.mean() < high
    assert found.mid_p(low) == pytest.approx(0.05, abs=1e-6)
    assert found.mid_p(high) == pytest.approx(0.05, abs=1e-6)


def test_it_agrees_with_drawn_weights():
    values = np.array([0.05, 0.2, 0.2, 0.35, 0.8])
    weights = np.random.default_rng(0).dirichlet(np.ones(6), size=400_000)
    lower, upper = weights[:, :5] @ values, weights[:, :5] @ values + weights[:, 5]
    ours = bounded(values).exact_interval()
    assert np.allclose(ours, (np.quantile(lower, 0.025), np.quantile(upper, 0.975)), atol=0.003)


def test_swapping_sides_mirrors_the_interval():
    values = np.array([0.4, 0.1, -0.3, 0.0, 0.25])
    low, high = bounded(values, -1.0).mid_interval()
    assert np.allclose(bounded(-values, -1.0).mid_interval(), (-high, -low), atol=1e-7)


def test_clusters_of_one_size_are_their_means():
    sums = np.array([6.0, 3.0, 0.0, 2.0])
    together = BoundedMean(sums, np.full(4, 6.0), 0.0, 1.0).exact_interval()
    assert np.allclose(together, bounded(sums / 6).exact_interval(), atol=1e-7)
