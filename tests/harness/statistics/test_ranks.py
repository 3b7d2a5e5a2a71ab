import numpy as np

from harness.statistics.ranks import RankRange, rank_ranges


def scores(*rates: float, problems: int = 164, seed: int = 0) -> np.ndarray:
    """One sample per problem of models whose answers go together as real ones do."""
    hardness = np.random.default_rng(seed).uniform(size=problems)
    noise = np.random.default_rng(seed + 1).normal(0, 0.15, (problems, len(rates)))
    return (hardness[:, None] + noise < np.array(rates)).astype(float) / problems


def test_far_apart_models_have_one_place_each():
    assert rank_ranges(scores(0.2, 0.9, 0.5)) == [RankRange(3, 3), RankRange(1, 1), RankRange(2, 2)]


def test_close_models_share_their_places():
    assert rank_ranges(scores(0.50, 0.51, 0.95)) == [RankRange(2, 3), RankRange(2, 3), RankRange(1, 1)]


def test_equal_models_share_all_places():
    column = scores(0.5)
    assert rank_ranges(np.hstack([column, column, column])) == [RankRange(1, 3)] * 3


def test_one_model_is_first():
    assert rank_ranges(scores(0.5)) == [RankRange(1, 1)]


def test_true_places_lie_within_the_ranges_as_often_as_said():
    rates = (0.45, 0.5, 0.55, 0.62)
    held = 0
    for seed in range(120):
        ranges = rank_ranges(scores(*rates, seed=1000 + 2 * seed), draws=500)
        held += all(place.best <= 4 - index <= place.worst for index, place in enumerate(ranges))
    assert held >= 0.92 * 120


def test_equal_models_are_rarely_told_apart():
    told_apart = 0
    for seed in range(200):
        ranges = rank_ranges(scores(*[0.5] * 6, seed=5000 + 2 * seed), draws=500)
        told_apart += any(place != RankRange(1, 6) for place in ranges)
    assert told_apart <= 0.09 * 200
