"""The paired permutation test: were the two models' names exchanged on each problem by a coin, what would be seen?"""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from harness.statistics.bootstrap import CELLS_AT_ONCE, Array, weighted_sums

PERMUTATIONS = 20_000
_SAME = 1e-9
"""Sums of fractions that are equal but for rounding."""


def sign_flip_p(differences: Array, *, permutations: int = PERMUTATIONS, seed: int = 0) -> float:
    """Two-sided p of differences, one per cluster, centred at 0; outcomes as large as the seen one count half.

    All sign patterns are gone through where they are few, else `permutations` of them are drawn; p is then never
    below 1 / (2 permutations + 2). With differences of -1, 0 and 1 this is McNemar's mid-p.
    """
    moving = differences[differences != 0]
    if 2 ** len(moving) <= permutations:
        count = len(moving)
        grid: Array = np.indices((2,) * count).reshape(count, 2**count).T.astype(np.float64)
        return _share((1.0 - 2.0 * grid) @ moving, moving)
    drawn = [weighted_sums(signs, differences) for signs in _drawn_patterns(len(differences), permutations, seed)]
    return _share(np.concatenate([np.array([float(moving.sum())]), *drawn]), moving)


def sign_flip_interval(
    sums: Array, sizes: Array, confidence: float = 0.95, *, permutations: int = PERMUTATIONS, seed: int = 0
) -> tuple[float, float]:
    """The differences that this test does not reject, for the mean difference sum(sums) / sum(sizes).

    Moving all differences by delta and flipping signs again rejects just where delta lies outside the quantiles of the
    means of random subsets of the clusters (Hartigan 1969, typical values). Covers 94 to 96 % where many clusters
    carry the difference. It excludes 0 exactly if `sign_flip_p` of the sums is below 1 - confidence.
    """
    found: list[Array] = []
    for signs in _drawn_patterns(len(sums), permutations, seed):
        counts = float(sizes.sum()) - weighted_sums(signs, sizes)
        chosen = counts > 0
        found.append((float(sums.sum()) - weighted_sums(signs, sums))[chosen] / counts[chosen])
    means = np.concatenate(found)
    low, high = np.quantile(means, [0.5 - confidence / 2, 0.5 + confidence / 2])
    if sign_flip_p(sums, permutations=permutations, seed=seed) >= 1 - confidence:
        return min(float(low), 0.0), max(float(high), 0.0)
    # Half of the subsets that sum up to 0 count for the test, which may put the quantile among them.
    if sums.sum() > 0:
        return max(float(low), float(means[means > _SAME].min())), float(high)
    return float(low), min(float(high), float(means[means < -_SAME].max()))


def _share(sums: Array, moving: Array) -> float:
    seen, sizes = abs(float(moving.sum())), np.abs(sums)
    if seen <= _SAME:
        return 1.0
    return float(np.mean(sizes > seen + _SAME) + np.mean(np.abs(sizes - seen) <= _SAME) / 2)


def _drawn_patterns(length: int, permutations: int, seed: int) -> Iterator[Array]:
    """Random rows of signs, in blocks of shape (rows of this block, length)."""
    if length * permutations <= CELLS_AT_ONCE:
        yield _kept_patterns(length, permutations, seed)
        return
    generator = np.random.default_rng(seed)
    block = max(1, CELLS_AT_ONCE // length)
    for begin in range(0, permutations, block):
        yield _draw(generator, length, min(block, permutations - begin))


@lru_cache(maxsize=1)
def _kept_patterns(length: int, permutations: int, seed: int) -> Array:
    """Many comparisons over one benchmark ask for the same draws."""
    signs = _draw(np.random.default_rng(seed), length, permutations)
    signs.flags.writeable = False
    return signs


def _draw(generator: np.random.Generator, length: int, rows: int) -> Array:
    return 1.0 - 2.0 * generator.integers(0, 2, size=(rows, length), dtype=np.int8).astype(np.float64)
