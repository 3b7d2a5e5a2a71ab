from math import isclose

import numpy as np
import pytest
from scipy import stats

from harness.statistics.mcnemar import mid_p
from harness.statistics.sign_flip import sign_flip_interval, sign_flip_p


@pytest.mark.parametrize(("gained", "lost"), [(5, 0), (10, 2), (0, 0), (3, 3), (4, 9)])
def test_with_one_sample_each_it_is_mcnemars_mid_p(gained: int, lost: int):
    differences = np.array([1.0] * gained + [-1.0] * lost + [0.0] * 30)
    assert isclose(sign_flip_p(differences), mid_p(gained, lost), rel_tol=1e-9)


def test_drawn_patterns_agree_with_all_of_them():
    differences = np.random.default_rng(1).normal(0.25, 0.5, 14)
    everything = sign_flip_p(differences, permutations=2**14)
    assert isclose(sign_flip_p(differences, permutations=2**14 - 1), everything, abs_tol=0.01)


def test_equals_scipy():
    differences = np.random.default_rng(2).normal(0.05, 0.3, 164)
    theirs = stats.permutation_test((differences,), np.mean, permutation_type="samples", n_resamples=20_000, rng=3)
    assert isclose(sign_flip_p(differences), theirs.pvalue, abs_tol=0.012)


def test_the_smallest_p_is_set_by_the_draws():
    assert sign_flip_p(np.ones(100), permutations=999) == 1 / 2000


def test_the_interval_holds_what_the_test_does_not_reject():
    differences = np.random.default_rng(4).normal(0.1, 0.4, 60).round(2)
    low, high = sign_flip_interval(differences, np.ones(60))
    assert sign_flip_p(differences - low) == pytest.approx(0.05, abs=0.01)
    assert sign_flip_p(differences - high) == pytest.approx(0.05, abs=0.01)
    assert sign_flip_p(differences - (low + high) / 2) > 0.5


def test_uneven_clusters_move_with_their_size():
    generator = np.random.default_rng(6)
    sizes = generator.integers(1, 7, 80).astype(float)
    sums = generator.normal(0.05, 0.3, 80) * sizes
    low, high = sign_flip_interval(sums, sizes)
    assert low < sums.sum() / sizes.sum() < high
    assert sign_flip_p(sums - low * sizes) == pytest.approx(0.05, abs=0.01)


def test_ties_at_0_do_not_part_the_interval_from_its_test():
    """Five gains among zeros: p counts the patterns that sum up to 0 half, so that 0 is an end of the quantiles."""
    differences = np.array([1.0] * 5 + [0.0] * 60)
    assert sign_flip_p(differences) == pytest.approx(1 / 32)
    assert sign_flip_interval(differences, np.ones(65))[0] > 0
    assert sign_flip_interval(-differences, np.ones(65))[1] < 0
    assert sign_flip_interval(differences[1:], np.ones(64))[0] <= 0
