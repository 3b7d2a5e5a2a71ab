from typing import Any

import numpy as np
import pytest

from harness.statistics.mcnemar import mid_p
from harness.statistics.power import (
    Spread,
    detectable_with_one_sample,
    paired_standard_error,
    problems_needed,
    significant_difference,
    spread_of,
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


def test_more_samples_take_away_the_chance_within_problems_and_no_more():
    spread = Spread(between=0.06, within=0.09)
    assert spread.discordant_share == pytest.approx(0.15)
    assert spread.problems_needed(0.05, 1) == problems_needed(0.05, 0.15)
    assert spread.problems_needed(0.05, 10**6) == problems_needed(0.05, 0.06)
    assert spread.detectable(spread.problems_needed(0.05, 5), 5) == pytest.approx(0.05, rel=0.01)


def _answers(rng: np.random.Generator, first: Any, second: Any, samples: int) -> tuple[Any, Any]:
    return rng.binomial(samples, first), rng.binomial(samples, second)


def test_the_spread_is_found_again_in_samples():
    rng = np.random.default_rng(11)
    first = rng.beta(2, 3, size=20_000)
    second = np.clip(first + rng.choice([-0.3, 0.35], size=first.size), 0, 1)
    a, b = _answers(rng, first, second, 4)
    found = spread_of([(4, int(passed)) for passed in a], [(4, int(passed)) for passed in b])
    assert found.between == pytest.approx(((second - first) ** 2).mean(), rel=0.03)
    assert found.within == pytest.approx((first * (1 - first) + second * (1 - second)).mean(), rel=0.03)


def test_with_as_many_problems_as_needed_the_difference_is_found_four_times_in_five():
    rng, samples, difference = np.random.default_rng(5), 5, 0.06
    steps = np.array([-0.2 + difference, 0.2 + difference])
    first_share = 0.5
    spread = Spread(
        between=float((steps**2).mean()),
        within=first_share * (1 - first_share) + float(((first_share + steps) * (1 - first_share - steps)).mean()),
    )
    problems = spread.problems_needed(difference, samples)
    found = 0
    for _ in range(1_000):
        second = first_share + rng.choice(steps, size=problems)
        a, b = _answers(rng, np.full(problems, first_share), second, samples)
        values = (b - a) / samples
        found += abs(values.mean()) > 1.96 * np.sqrt((values**2).sum()) / problems
    assert 0.77 < found / 1_000 < 0.87


def test_models_on_different_problems_cannot_be_paired():
    with pytest.raises(ValueError, match="give the same ones"):
        spread_of([(1, 1)], [])
