from itertools import combinations
from math import isclose

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.statistics.pass_at_k import estimates, mean_pass_at_k, pass_at_k


@pytest.mark.parametrize(("n", "c", "k"), [(5, 2, 1), (5, 2, 2), (6, 0, 3), (6, 6, 3), (7, 5, 4), (8, 1, 8)])
def test_equals_the_share_of_draws_that_hold_a_pass(n: int, c: int, k: int):
    draws = list(combinations(range(n), k))
    share = sum(any(sample < c for sample in draw) for draw in draws) / len(draws)
    assert isclose(pass_at_k(n, c, k), share, rel_tol=1e-15)


@given(st.integers(1, 300), st.data())
def test_equals_the_product_form_of_the_paper(n: int, data: st.DataObject):
    c = data.draw(st.integers(0, n))
    k = data.draw(st.integers(1, n))
    product = 1.0 if n - c < k else 1.0 - float(np.prod(1.0 - k / np.arange(n - c + 1, n + 1)))
    assert isclose(pass_at_k(n, c, k), product, rel_tol=1e-9, abs_tol=1e-12)


def test_one_sample_is_exactly_the_share():
    assert [pass_at_k(20, c, 1) for c in range(21)] == [c / 20 for c in range(21)]


def test_problems_may_have_different_numbers_of_samples():
    assert estimates([1, 2], [2, 8], 2).tolist() == [1.0, 1 - 15 / 28]
    assert mean_pass_at_k([1, 0], [2, 8], 2) == 0.5


@pytest.mark.parametrize(("n", "c", "k"), [(3, 4, 1), (3, -1, 1), (3, 1, 4), (3, 1, 0), (0, 0, 1)])
def test_the_impossible_is_refused(n: int, c: int, k: int):
    with pytest.raises(ValueError, match="give"):
        pass_at_k(n, c, k)


def test_no_problem_has_no_mean():
    with pytest.raises(ValueError, match="no problem"):
        mean_pass_at_k([], [], 1)
