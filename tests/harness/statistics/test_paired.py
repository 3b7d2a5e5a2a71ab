from math import isclose

import numpy as np
import pytest
from scipy import stats

from harness.statistics.mcnemar import mid_p
from harness.statistics.paired import PairedMethod, Tally, carriers, paired_difference


def singles(*passed: int) -> list[Tally]:
    return [Tally(1, each) for each in passed]


def test_one_sample_each_is_mcnemar_and_its_inversion():
    first = singles(*[1] * 60, *[0] * 104)
    second = singles(*[1] * 58, *[0] * 2, *[1] * 10, *[0] * 94)
    result = paired_difference(first, second)
    assert result.difference.method == PairedMethod.MCNEMAR
    assert isclose(result.difference.value, 8 / 164)
    assert result.p_value == mid_p(10, 2)
    assert (result.difference.low, result.difference.high) == pytest.approx((0.00704, 0.09503), abs=1e-5)


def test_the_sign_follows_the_second():
    worse, better = singles(0, 0, 0, 1), singles(1, 1, 0, 1)
    assert paired_difference(worse, better).difference.value == 0.5
    assert paired_difference(better, worse).difference.value == -0.5


def test_several_samples_come_close_to_scipys_paired_bootstrap():
    generator = np.random.default_rng(11)
    skill = generator.beta(0.9, 0.9, 164)
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
    assert together.p_value == pytest.approx(mid_p(2, 0), abs=1e-7)
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


def test_runs_that_agree_everywhere_leave_three_in_n():
    result = paired_difference(singles(*[0, 1] * 82), singles(*[0, 1] * 82))
    assert result.difference.high == pytest.approx(1 - 0.05 ** (1 / 164), abs=1e-7)
    assert result.difference.low == pytest.approx(-result.difference.high, abs=1e-7)
    assert result.significant == pytest.approx(5 / 164)
    assert 6.5 / 164 < result.detectable < 7.0 / 164


def test_one_discordant_problem_makes_no_small_difference_significant():
    result = paired_difference(singles(*[0] * 164), singles(1, *[0] * 163))
    assert result.significant == pytest.approx(5 / 164)


@pytest.mark.parametrize("problems", [1, 2, 3, 4])
def test_up_to_four_problems_never_show_a_difference(problems: int):
    for samples in (1, 20):
        worst, best = [Tally(samples, 0)] * problems, [Tally(samples, samples)] * problems
        result = paired_difference(worst, best)
        assert result.p_value >= 0.05
        assert result.difference.low <= 0
        assert result.significant > 1


def test_three_problems_do_not_settle_what_their_test_leaves_open():
    result = paired_difference([Tally(3, 3), Tally(3, 2), Tally(3, 2)], [Tally(3, 1)] * 3)
    assert result.difference.method == PairedMethod.GAFFKE
    assert result.p_value > 0.05
    assert result.difference.low < -0.66
    assert result.difference.high > 0


@pytest.mark.parametrize("problems", [2, 3, 5, 8, 12, 40, 164])
@pytest.mark.parametrize("samples", [1, 5, 20])
def test_the_interval_excludes_0_exactly_if_the_test_rejects(problems: int, samples: int):
    generator = np.random.default_rng([problems, samples])
    for repetition in range(25):
        skills = np.where(
            generator.random(problems) < 0.4, generator.integers(0, 2, problems), generator.random(problems)
        )
        better = np.clip(skills + generator.choice([-0.5, 0.0, 0.2, 1.0], problems), 0, 1)
        clusters = list(range(problems)) if repetition % 2 else [number // 3 for number in range(problems)]
        result = paired_difference(
            [Tally(samples, int(passed)) for passed in generator.binomial(samples, skills)],
            [Tally(samples, int(passed)) for passed in generator.binomial(samples, better)],
            k=samples if repetition % 3 == 0 else 1,
            clusters=clusters,
        )
        inside = result.difference.low <= 0 <= result.difference.high
        assert inside == (result.p_value >= 0.05)
        assert result.difference.low <= result.difference.value <= result.difference.high


@pytest.mark.parametrize(("gained", "lost"), [(4, 0), (21, 10), (46, 29), (62, 42), (5, 0), (22, 10)])
def test_the_interval_agrees_with_mcnemar_at_the_border(gained: int, lost: int):
    first = singles(*[0] * gained, *[1] * lost, *[0] * 100)
    second = singles(*[1] * gained, *[0] * lost, *[0] * 100)
    result = paired_difference(first, second)
    assert (result.difference.low > 0) == (mid_p(gained, lost) < 0.05)


def test_carriers_of_single_samples_are_the_discordant_problems():
    assert carriers(np.array([1.0, -1.0, 0.0, 1.0])) == 3
    assert carriers(np.zeros(5)) == 0
    assert 1 < carriers(np.array([1.0, 0.1, 0.1, -0.1])) < 1.1


def test_a_few_large_gains_are_not_hidden_by_much_small_noise():
    """Five problems won outright among 164 with noise of 5 points: the far end allows for those that were not seen."""
    first = [Tally(20, 10 + number % 2) for number in range(164)]
    second = [Tally(20, 20 if number < 5 else 10 + (number // 2) % 2) for number in range(164)]
    result = paired_difference(first, second)
    assert result.difference.method == PairedMethod.GAFFKE
    assert result.difference.high > 0.03


def test_nothing_in_common_is_refused():
    with pytest.raises(ValueError, match="no common problem"):
        paired_difference([], [])
