from itertools import combinations

import numpy as np
import pytest

from harness.statistics.noise import paired_noise
from harness.statistics.paired import Tally
from harness.statistics.pass_at_k import pass_hat_k


def drawn(generator: np.random.Generator, problems: int, samples: int) -> tuple[list[Tally], list[Tally]]:
    """Two models on problems drawn anew: skills apart from each other by chance, on average by 0.1."""
    skill = generator.beta(1.0, 1.0, problems)
    other = np.clip(skill + generator.normal(0.1, 0.2, problems), 0, 1)
    first = [Tally(samples, int(each)) for each in generator.binomial(samples, skill)]
    return first, [Tally(samples, int(each)) for each in generator.binomial(samples, other)]


def test_the_parts_are_what_repeating_the_whole_experiment_shows():
    generator = np.random.default_rng(3)
    found = [drawn(generator, 100, 3) for _ in range(600)]
    differences = [np.mean([b.passed - a.passed for a, b in zip(*each, strict=True)]) / 3 for each in found]
    noises = [paired_noise(*each) for each in found]
    wholes = [noise.whole for noise in noises if noise]
    assert np.sqrt(np.mean(np.square(wholes))) == pytest.approx(np.std(differences), rel=0.08)
    endless = [drawn(generator, 100, 3000) for _ in range(600)]
    left = [np.mean([b.passed - a.passed for a, b in zip(*each, strict=True)]) / 3000 for each in endless]
    problems = [noise.problems for noise in noises if noise and noise.problems is not None]
    assert np.sqrt(np.mean(np.square(problems))) == pytest.approx(np.std(left), rel=0.08)


def test_one_sample_each_cannot_be_split():
    noise = paired_noise([Tally(1, 0), Tally(1, 1), Tally(1, 1)], [Tally(1, 1), Tally(1, 1), Tally(1, 0)])
    assert noise is not None
    assert noise.whole > 0
    assert noise.problems is noise.samples is None


def test_alike_problems_and_a_single_one():
    same = [Tally(4, 2)] * 5
    noise = paired_noise(same, same)
    assert noise is not None
    assert (noise.whole, noise.problems, noise.samples) == (0.0, 0.0, 0.0)
    assert paired_noise(same[:1], same[:1]) is None
    assert paired_noise(same, same, clusters=["one"] * 5) is None


@pytest.mark.parametrize(("n", "c", "k"), [(5, 3, 2), (5, 5, 5), (5, 0, 1), (4, 1, 2)])
def test_pass_hat_k_counts_the_draws_that_all_pass(n: int, c: int, k: int):
    draws = list(combinations([True] * c + [False] * (n - c), k))
    assert pass_hat_k(n, c, k) == pytest.approx(sum(all(draw) for draw in draws) / len(draws))
