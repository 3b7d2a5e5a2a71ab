from typing import Any

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from harness.statistics.multiplicity import benjamini_hochberg, holm


@pytest.mark.parametrize("count", [1, 2, 7, 100])
def test_both_equal_statsmodels(count: int):
    p_values = list(np.random.default_rng(count).uniform(0, 0.2, count))
    for ours, method in ((holm, "holm"), (benjamini_hochberg, "fdr_bh")):
        theirs: Any = multipletests(p_values, method=method)[1]
        assert np.allclose(ours(p_values), theirs)


def test_nothing_adjusts_to_nothing():
    assert holm([]) == benjamini_hochberg([]) == []
