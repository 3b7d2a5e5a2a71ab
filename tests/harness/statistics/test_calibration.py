"""A small fixed-seed part of tests/performance/calibration.py."""

import pytest

from tests.performance.calibration import calibrate

REPETITIONS = 250


@pytest.mark.parametrize(("samples", "rate"), [(1, 0.05), (1, 0.9), (5, 0.05), (5, 0.5)])
def test_intervals_cover_and_p_values_are_uniform(samples: int, rate: float):
    found = calibrate(samples, rate, REPETITIONS)
    assert 0.92 <= found.score_coverage <= 0.985
    assert 0.92 <= found.difference_coverage <= 0.985
    assert found.rejections <= 0.085
    assert found.uniform_p > 0.01
