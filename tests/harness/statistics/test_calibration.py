"""A small fixed-seed part of tests/performance/calibration.py."""

import pytest

from tests.performance.calibration import POPULATIONS, calibrate

REPETITIONS = 250
BY_NAME = {population.name: population for population in POPULATIONS}


@pytest.mark.parametrize(("population", "samples"), [("beta 5 %", 1), ("beta 90 %", 1), ("beta 50 %", 5)])
def test_of_many_problems_intervals_cover_and_p_values_are_uniform(population: str, samples: int):
    found = calibrate(BY_NAME[population], 164, samples, REPETITIONS, seed=1)
    assert 0.92 <= found.score_coverage <= 0.99
    assert 0.92 <= found.difference_coverage <= 0.985
    assert found.rejections <= 0.085
    assert found.uniform_p > 0.01


@pytest.mark.parametrize("problems", [2, 3, 5, 12])
@pytest.mark.parametrize("samples", [1, 5])
@pytest.mark.parametrize("population", ["beta 50 %", "all or nothing", "10 % learnt"])
def test_of_few_problems_they_hold_their_level(population: str, problems: int, samples: int):
    found = calibrate(BY_NAME[population], problems, samples, 150)
    assert found.holds(0.95)


@pytest.mark.parametrize("population", ["middle", "weak to middle"])
def test_clusters_hold_their_level(population: str):
    assert calibrate(BY_NAME[population], 5, 5, 100, clustered=True).holds(0.95)


def test_a_few_problems_learnt_are_not_overlooked():
    """A bootstrap or permutation of the differences alone covers 47 % here."""
    assert calibrate(BY_NAME["3 % learnt"], 20, 20, 100).holds(0.95)
