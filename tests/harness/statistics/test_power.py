import numpy as np
import pytest

from harness.statistics.mcnemar import mid_p
from harness.statistics.power import (
    detectable_with_one_sample,
    paired_standard_error,
    problems_needed,
    significant_difference,
)


@pytest.mark.parametrize(
    ("problems", "points", "significant"),
    [
        (164, [4.9, 6.9, 8.5, 9.8, 12.0], [3.4, 4.8, 5.9, 6.8, 8.4]),
        (257, [3.9, 5.5, 6.8, 7.8, 9.6], [2.7, 3.9, 4.7, 5.5, 6.7]),
        (378, [3.2, 4.6, 5.6, 6.4, 7.9], [2.3, 3.2, 3.9, 4.5, 5.5]),
        (500, [2.8, 4.0, 4.9, 5.6, 6.9], [2.0, 2.8, 3.4, 3.9, 4.8]),
    ],
)
def test_what_the_usual_benchmarks_can_tell(problems: int, points: list[float], significant: list[float]):
    shares = [0.05, 0.10, 0.15, 0.20, 0.30]
    errors = [paired_standard_error(share, problems) for share in shares]
    assert [round(100 * detectable_with_one_sample(share, problems), 1) for share in shares] == points
    assert [round(100 * significant_difference(error), 1) for error in errors] == significant


def test_how_many_problems_three_points_and_one_point_take():
    assert [problems_needed(0.03, share) for share in (0.10, 0.15, 0.20)] == [873, 1309, 1745]
    assert [problems_needed(0.01, share) for share in (0.10, 0.15, 0.20)] == [7849, 11774, 15698]


def test_the_detectable_difference_is_found_four_times_in_five():
    problems, share = 500, 0.15
    delta = detectable_with_one_sample(share, problems)
    draws = np.random.default_rng(7).multinomial(
        problems, [(share + delta) / 2, (share - delta) / 2, 1 - share], size=2_000
    )
    found = np.mean([mid_p(int(gained), int(lost)) <= 0.05 for gained, lost, _ in draws])
    assert 0.78 < found < 0.86


def test_no_difference_needs_no_number():
    with pytest.raises(ValueError, match="difference of 0"):
        problems_needed(0, 0.1)
