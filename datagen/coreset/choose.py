"""The ways to choose a core set: KCenterGreedy, and random and stratified choice as its baselines."""

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from datagen.coreset.kcenter import kcenter_greedy
from datagen.coreset.kcenter_torch import torch_kcenter
from datagen.coreset.selection import Selection, Vectors, check_size, squares_to


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


def choose(method: Method, vectors: Vectors, strata: Sequence[str], size: int, seed: int) -> Selection:
    """Picks `size` of the points; `strata` names each point's language. The same seed gives the same picks."""
    check_size(len(vectors), size)
    generator = np.random.default_rng(seed)
    match method:
        case Method.KCENTER:
            first = int(generator.integers(len(vectors)))
            if _has_gpu():
                return torch_kcenter(vectors, size, first)
            return kcenter_greedy(vectors, size, first)
        case Method.RANDOM:
            picks = generator.permutation(len(vectors))[:size]
        case Method.STRATIFIED:
            picks = _draw_stratified(strata, size, generator)
        case Method.PREFIX:
            picks = np.arange(size)
    return Selection(picks, np.full(size, np.nan), coverage_radius(vectors, picks))


def _has_gpu() -> bool:
    try:
        import torch
    except ImportError:
        return False
    return torch.cuda.is_available()


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
    nearest = np.full(len(vectors), np.inf)
    rough_limit = 512
    for begin in range(0, len(vectors), rough_limit):
        rows = slice(begin, begin + rough_limit)
        nearest[rows] = _nearest_squares(vectors[rows], vectors, picks)
    return float(np.sqrt(nearest.max()))


def _nearest_squares(rows: Vectors, vectors: Vectors, picks: NDArray[np.int64]) -> NDArray[np.float64]:
    """Squared distance to the nearest pick: the nearest by product, its distance then computed directly."""
    centres = vectors[picks]
    rough = np.einsum("ij,ij->i", centres, centres) - 2 * (rows @ centres.T)
    return squares_to(rows, centres[rough.argmin(axis=1)])
