"""Resampling whole clusters with replacement, seeded and in bounded memory."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 10_000
CELLS_AT_ONCE = 4_000_000
"""Counts held in memory at a time: 32 MB."""

Array = NDArray[np.float64]


def resampled_counts(clusters: int, resamples: int, seed: int) -> Iterator[Array]:
    """How often each cluster was drawn, in blocks of shape (resamples of this block, clusters)."""
    generator = np.random.default_rng(seed)
    chances = np.full(clusters, 1 / clusters)
    block = max(1, CELLS_AT_ONCE // clusters)
    for begin in range(0, resamples, block):
        size = min(block, resamples - begin)
        yield generator.multinomial(clusters, chances, size=size).astype(np.float64)
