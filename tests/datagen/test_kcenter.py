import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.coreset.choose import Method, choose, coverage_radius
from datagen.coreset.kcenter import kcenter_greedy
from datagen.coreset.kcenter_torch import torch_kcenter
from datagen.coreset.selection import SelectionError, Vectors
from datagen.coreset.textbook import textbook_kcenter


def cloud(seed: int, points: int, dimensions: int = 24, clusters: int = 12) -> Vectors:
    generator = np.random.default_rng(seed)
    centres = generator.standard_normal((clusters, dimensions))
    spread = generator.gamma(1.0, 0.4, (points, 1))
    return (
        centres[generator.integers(0, clusters, points)] + spread * generator.standard_normal((points, dimensions))
    ).astype(np.float32)


@pytest.mark.parametrize("seed", range(5))
def test_the_fast_one_picks_what_the_textbook_picks(seed: int):
    vectors = cloud(seed, 5000)
    fast, book = kcenter_greedy(vectors, 600, seed), textbook_kcenter(vectors, 600, seed)
    assert fast.picks.tolist() == book.picks.tolist()
    assert fast.radius == book.radius
    assert fast.pick_distances.tolist() == book.pick_distances.tolist()


@given(st.integers(0, 10_000), st.integers(1, 40), st.integers(1, 4), st.integers(1, 5))
@settings(max_examples=80, deadline=None)
def test_ties_duplicates_and_tiny_sets_agree_too(seed: int, points: int, dimensions: int, values: int):
    vectors = np.random.default_rng(seed).integers(0, values, (points, dimensions)).astype(np.float32)
    for size in {1, points // 2 or 1, points}:
        fast, book = kcenter_greedy(vectors, size, 0), textbook_kcenter(vectors, size, 0)
        assert fast.picks.tolist() == book.picks.tolist()
        assert fast.radius == book.radius


def test_more_ties_than_candidates_fit_still_agree():
    vectors = np.random.default_rng(1).integers(0, 3, (5000, 4)).astype(np.float32)
    assert kcenter_greedy(vectors, 60, 9).picks.tolist() == textbook_kcenter(vectors, 60, 9).picks.tolist()


def test_a_cloud_far_from_the_origin_agrees_too():
    vectors = cloud(3, 4000) + np.float32(1000)
    assert kcenter_greedy(vectors, 300, 0).picks.tolist() == textbook_kcenter(vectors, 300, 0).picks.tolist()


@pytest.mark.parametrize("seed", range(3))
def test_the_radius_never_grows(seed: int):
    selection = kcenter_greedy(cloud(seed, 3000), 400, 0)
    assert selection.pick_distances[0] == np.inf
    assert (np.diff(selection.pick_distances[1:]) <= 0).all()
    assert selection.radius <= selection.pick_distances[-1]


def test_identical_points_are_picked_once():
    vectors = np.ones((50, 8), np.float32)
    vectors[40:] = 2
    assert kcenter_greedy(vectors, 20, 0).picks.tolist() == [0, 40]


def test_earlier_picks_are_kept_and_continued():
    vectors = cloud(5, 3000)
    whole = kcenter_greedy(vectors, 200, 11)
    resumed = kcenter_greedy(vectors, 200, chosen=whole.picks[:80])
    assert resumed.picks.tolist() == whole.picks.tolist()
    assert resumed.radius == whole.radius


def test_a_prefix_is_the_smaller_core_set():
    vectors = cloud(6, 2500)
    assert kcenter_greedy(vectors, 300, 4).picks[:100].tolist() == kcenter_greedy(vectors, 100, 4).picks.tolist()


def test_torch_picks_the_same_on_a_cpu():
    vectors = cloud(7, 1500)
    assert torch_kcenter(vectors, 150, 2, "cpu").picks.tolist() == textbook_kcenter(vectors, 150, 2).picks.tolist()


@pytest.mark.parametrize("size", [0, 11])
def test_an_impossible_size_is_one_clear_sentence(size: int):
    with pytest.raises(SelectionError, match=f"core set of {size} cannot be chosen from 10"):
        kcenter_greedy(np.zeros((10, 2), np.float32), size)


def test_the_seed_decides_the_first_centre_and_everything_random():
    vectors, languages = cloud(8, 400), ["python"] * 300 + ["go"] * 100
    for method in (Method.KCENTER, Method.RANDOM, Method.STRATIFIED):
        one, same, other = (choose(method, vectors, languages, 40, seed).picks.tolist() for seed in (1, 1, 2))
        assert one == same != other
        assert len(set(one)) == 40


def test_stratified_keeps_each_languages_share():
    languages = ["python"] * 300 + ["go"] * 100
    picks = choose(Method.STRATIFIED, cloud(9, 400), languages, 40, 0).picks.tolist()
    assert sum(languages[pick] == "go" for pick in picks) == 10


def test_kcenter_covers_better_than_its_baselines():
    vectors, languages = cloud(10, 2000), ["python"] * 2000
    radius = {method: choose(method, vectors, languages, 100, 0).radius for method in Method}
    assert radius[Method.KCENTER] == min(radius.values())
    picks = choose(Method.RANDOM, vectors, languages, 100, 0).picks
    assert radius[Method.RANDOM] == pytest.approx(coverage_radius(vectors, picks))
