from math import isclose

import numpy as np
import pytest
from scipy import stats

from harness.statistics.mcnemar import mid_p
from harness.statistics.paired import PairedMethod, Tally, paired_difference
from harness.statistics.tango import tango


def singles(*passed: int) -> list[Tally]:
    return [Tally(1, each) for each in passed]


def test_one_sample_each_is_mcnemar_with_tangos_interval():
    first = singles(*[1] * 60, *[0] * 104)
    second = singles(*[1] * 58, *[0] * 2, *[1] * 10, *[0] * 94)
    result = paired_difference(first, second)
    assert result.difference.method == PairedMethod.MCNEMAR
    assert isclose(result.difference.value, 8 / 164)
    assert (result.difference.low, result.difference.high) == tango(10, 2, 164)
    assert result.p_value == mid_p(10, 2)


def test_the_sign_follows_the_second():
    worse, better = singles(0, 0, 0, 1), singles(1, 1, 0, 1)
    assert paired_difference(worse, better).difference.value == 0.5
    assert paired_difference(better, worse).difference.value == -0.5


def test_several_samples_come_close_to_scipys_paired_bootstrap():
    generator = np.random.default_rng(11)
    skill = generator.beta(0.5, 0.5, 164)
    first = [Tally(20, int(generator.binomial(20, s))) for s in skill]
    second = [Tally(20, int(generator.binomial(20, min(1, s + 0.05)))) for s in skill]
    result = paired_difference(first, second)
    values = np.array([(b.passed - a.passed) / 20 for a, b in zip(first, second, strict=True)])
    theirs = stats.bootstrap((values,), np.mean, n_resamples=10_000, rng=5).confidence_interval
    assert result.difference.method == PairedMethod.SIGN_FLIP
    assert np.allclose((result.difference.low, result.difference.high), tuple(theirs), atol=0.002)
    assert isclose(result.p_value, stats.ttest_1samp(values, 0).pvalue, abs_tol=0.01)


def test_languages_of_one_problem_count_once():
    first, second = singles(*[0] * 60), singles(*[1] * 12, *[0] * 48)
    apart = paired_difference(first, second)
    together = paired_difference(first, second, clusters=[number // 6 for number in range(60)])
    assert apart.p_value < 0.001
    assert together.p_value == mid_p(2, 0)
    assert together.standard_error > apart.standard_error


def test_the_same_run_twice_does_not_differ():
    tallies = [Tally(20, number % 21) for number in range(164)]
    result = paired_difference(tallies, tallies)
    assert (result.difference.value, result.p_value) == (0.0, 1.0)
    assert result.difference.low < 0 < result.difference.high


def test_detectable_is_280_standard_errors():
    first, second = singles(*[0] * 164), singles(*[1] * 25, *[0] * 139)
    result = paired_difference(first, second)
    assert round(100 * result.detectable, 1) == 8.5
    assert round(100 * result.significant, 1) == 6.0


def test_nothing_in_common_is_refused():
    with pytest.raises(ValueError, match="no common problem"):
        paired_difference([], [])
