from math import isclose

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from harness.statistics.intervals import IntervalMethod, bca, bootstrap_mean, grouped, score_interval, wilson


@pytest.mark.parametrize(("passed", "n"), [(0, 164), (8, 164), (82, 164), (164, 164), (1, 1), (250, 500)])
def test_wilson_equals_statsmodels(passed: int, n: int):
    assert np.allclose(wilson(passed / n, n), proportion_confint(passed, n, method="wilson"), atol=1e-12)


def test_half_widths_of_the_usual_benchmarks():
    half_widths = [round(100 * (high - low) / 2, 1) for low, high in (wilson(0.5, n) for n in (164, 378, 500))]
    assert half_widths == [7.6, 5.0, 4.4]


def test_bca_equals_scipy():
    values = np.random.default_rng(3).beta(0.1, 1.9, 164)
    ours = bootstrap_mean(values, np.ones(164), resamples=20_000)
    theirs = stats.bootstrap((values,), np.mean, n_resamples=20_000, method="BCa", rng=np.random.default_rng(5))
    width = values.std() / np.sqrt(164)
    assert np.allclose(ours, tuple(theirs.confidence_interval), atol=0.06 * width)


def test_bca_of_symmetric_replicates_is_the_percentile_interval():
    replicates = np.linspace(-1.0, 1.0, 2001)
    low, high = bca(replicates, 0.0, np.array([-1.0, 0.0, 1.0]))
    assert isclose(low, -0.95)
    assert isclose(high, 0.95)


def test_the_method_follows_from_the_samples():
    many, single = [number % 4 for number in range(164)], [number % 2 for number in range(164)]
    assert score_interval(single, [1] * 164).method == IntervalMethod.WILSON
    assert score_interval(many, [3] * 164).method == IntervalMethod.BOOTSTRAP
    assert score_interval(many, [3] * 164, 2).method == IntervalMethod.BOOTSTRAP
    assert score_interval(single, [*[1] * 163, 2]).method == IntervalMethod.BOOTSTRAP
    assert score_interval([2] * 164, [3] * 164).method == IntervalMethod.WILSON_OVER_PROBLEMS
    assert score_interval([1, 0, 1], [1, 1, 1]).method == IntervalMethod.CLOPPER_PEARSON
    assert score_interval([1, 0, 3], [3, 3, 3]).method == IntervalMethod.GAFFKE


@pytest.mark.parametrize("passed", [29, 135])
def test_few_passes_or_few_failures_are_exact(passed: int):
    single = score_interval([1] * passed + [0] * (164 - passed), [1] * 164)
    several = score_interval([20] * passed + [0] * (164 - passed), [20] * 164)
    theirs = stats.binomtest(passed, 164).proportion_ci(method="exact")
    assert (single.method, several.method) == (IntervalMethod.CLOPPER_PEARSON, IntervalMethod.GAFFKE)
    assert (single.low, single.high) == pytest.approx((theirs.low, theirs.high), abs=1e-7)
    assert (several.low, several.high) == (single.low, single.high)


@pytest.mark.parametrize("passed", [30, 51, 134])
def test_many_passes_and_failures_keep_wilson(passed: int):
    interval = score_interval([1] * passed + [0] * (164 - passed), [1] * 164)
    assert (interval.low, interval.high) == wilson(passed / 164, 164)


def test_nothing_passed_is_not_certainty():
    interval = score_interval([0] * 164, [20] * 164)
    assert (interval.value, interval.low) == (0.0, 0.0)
    assert 0.02 < interval.high < 0.03


def test_one_problem_says_little_however_many_samples_it_has():
    interval = score_interval([20], [20])
    assert (interval.low, interval.high) == pytest.approx((0.025, 1.0), abs=1e-7)
    assert score_interval([10], [20]).low < 0.1


def test_languages_of_one_problem_are_one_piece_of_evidence():
    passed = [number % 3 == 0 for number in range(164) for _ in range(6)]
    apart = score_interval(passed, [1] * 984)
    together = score_interval(passed, [1] * 984, clusters=[number // 6 for number in range(984)])
    assert apart.method == IntervalMethod.WILSON
    assert 2.3 < (together.high - together.low) / (apart.high - apart.low) < 2.6


def test_uneven_clusters_keep_their_weight():
    sums, sizes = grouped(np.array([1.0, 0.0, 1.0, 1.0]), ["a", "a", "b", "c"])
    assert sums.tolist() == [1, 1, 1]
    assert sizes.tolist() == [2, 1, 1]


def test_the_same_seed_gives_the_same_interval():
    correct, samples = [number % 21 for number in range(164)], [20] * 164
    assert score_interval(correct, samples, seed=4) == score_interval(correct, samples, seed=4)
    assert score_interval(correct, samples, seed=4) != score_interval(correct, samples, seed=5)


def test_the_score_of_nothing_is_refused():
    with pytest.raises(ValueError, match="no problem"):
        score_interval([], [])
