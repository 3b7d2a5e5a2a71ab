"""The ways to choose a core set: KCenterGreedy, and random and stratified choice as its baselines."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from importlib import import_module
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from datagen.coreset.kcenter import kcenter_greedy
from datagen.coreset.kcenter_torch import torch_kcenter
from datagen.coreset.selection import Selection, Vectors, check_size, check_vectors, squares_to

_ROWS_A_PRODUCT = 512
_CENTRES_A_PRODUCT = 16_384


class Method(StrEnum):
    """How functions are chosen."""

    KCENTER = "kcenter"
    """KCenterGreedy on embeddings: the farthest from all chosen, over and over."""
    RANDOM = "random"
    """A seeded draw without replacement."""
    STRATIFIED = "stratified"
    """A seeded draw that keeps each language's share."""
    PREFIX = "prefix"
    """The first rows as they come: what the published implementation saved by mistake."""


def choose(
    method: Method,
    vectors: Vectors,
    strata: Sequence[str],
    size: int,
    seed: int,
    progress: Callable[[int], None] = lambda picks: None,  # noqa: ARG005
) -> Selection:
    """Picks `size` of the points; `strata` names each point's language. The same seed gives the same picks."""
    check_size(len(vectors), size)
    check_vectors(vectors)
    generator = np.random.default_rng(seed)
    match method:
        case Method.KCENTER:
            first = int(generator.integers(len(vectors)))
            # torch takes seconds to import, so a machine without it, or without a GPU, is asked only here.
            has_gpu = find_spec("torch") is not None and import_module("torch").cuda.is_available()
            return (
                torch_kcenter(vectors, size, first)
                if has_gpu
                else kcenter_greedy(vectors, size, first, progress=progress)
            )
        case Method.RANDOM:
            picks = generator.permutation(len(vectors))[:size]
        case Method.STRATIFIED:
            picks = _draw_stratified(strata, size, generator)
        case Method.PREFIX:
            picks = np.arange(size)
    return Selection(picks, np.full(size, np.nan), coverage_radius(vectors, picks))


def _draw_stratified(strata: Sequence[str], size: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """Each point gets its rank within its language as a share; the lowest shares are picked, languages interleaved."""
    shuffled = generator.permutation(len(strata))
    counts: dict[str, int] = {}
    for name in strata:
        counts[name] = counts.get(name, 0) + 1
    seen: dict[str, int] = {}
    shares = np.empty(len(strata))
    for position, index in enumerate(shuffled):
        name = strata[int(index)]
        seen[name] = seen.get(name, 0) + 1
        shares[position] = (seen[name] - 0.5) / counts[name]
    return shuffled[np.argsort(shares, kind="stable")][:size]


def coverage_radius(vectors: Vectors, picks: NDArray[np.int64]) -> float:
    """The largest distance from any point to its nearest pick."""
    # A pick is at no distance from itself; where nearly all are picked, little is left to measure.
    others = np.setdiff1d(np.arange(len(vectors)), picks)
    farthest = 0.0
    for begin in range(0, len(others), _ROWS_A_PRODUCT):
        rows = vectors[others[begin : begin + _ROWS_A_PRODUCT]]
        nearest = np.full(len(rows), np.inf)
        for first in range(0, len(picks), _CENTRES_A_PRODUCT):
            centres = vectors[picks[first : first + _CENTRES_A_PRODUCT]]
            # The nearest by a product, which is fast; its distance directly, since products round.
            rough = np.einsum("ij,ij->i", centres, centres) - 2 * (rows @ centres.T)
            np.minimum(nearest, squares_to(rows, centres[rough.argmin(axis=1)]), out=nearest)
        farthest = max(farthest, float(nearest.max()))
    return float(np.sqrt(farthest))
