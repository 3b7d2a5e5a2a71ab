"""Resampling whole clusters with replacement, seeded and in bounded memory."""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 10_000
CELLS_AT_ONCE = 4_000_000
"""Counts held in memory at a time: 32 MB."""

Array = NDArray[np.float64]


def resampled_counts(clusters: int, resamples: int, seed: int) -> Iterator[Array]:
    """How often each cluster was drawn, in blocks of shape (resamples of this block, clusters)."""
    if clusters * resamples <= CELLS_AT_ONCE:
        yield _kept_counts(clusters, resamples, seed)
        return
    generator = np.random.default_rng(seed)
    block = max(1, CELLS_AT_ONCE // clusters)
    for begin in range(0, resamples, block):
        yield _draw(generator, clusters, min(block, resamples - begin))


@lru_cache(maxsize=2)
def _kept_counts(clusters: int, resamples: int, seed: int) -> Array:
    """A table asks for the same draws hundreds of times, and drawing takes longer than using them."""
    counts = _draw(np.random.default_rng(seed), clusters, resamples)
    counts.flags.writeable = False
    return counts


def _draw(generator: np.random.Generator, clusters: int, resamples: int) -> Array:
    return generator.multinomial(clusters, np.full(clusters, 1 / clusters), size=resamples).astype(np.float64)


def weighted_sums(weights: Array, values: Array) -> Array:
    """One weighted sum per row. Not by `@`, whose threads wait for each other on a busy machine."""
    sums: Array = np.einsum("ij,j->i", weights, values)
    return sums
