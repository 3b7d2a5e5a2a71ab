"""KCenterGreedy, exact and fast on a CPU: the textbook's picks without reading every vector for every pick.

The textbook loop reads all vectors once a pick and so runs at the speed of memory. Here only the points that can be
picked next are followed pick by pick; all others keep their last distance, an upper bound because distances only
shrink. When the best candidate no longer beats every bound outside, the block ends and all points meet the block's
new centres in one matrix product, which runs at the speed of arithmetic. Products are float32 on centred vectors;
wherever their rounding could matter, the distance is computed again in float64, so that the result is the textbook's.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from datagen.coreset.selection import Selection, SelectionError, Squares, Vectors, check_size, check_vectors, squares_to

Indices = NDArray[np.int64]

CANDIDATES = 2048
"""Points followed pick by pick; their vectors (3 MB at 384 dimensions) should stay in the cache."""
ROWS_A_PRODUCT = 2048
CENTRES_A_PRODUCT = 512
PAIRS_A_RECHECK = 8192
"""Together these bound the working memory to about 100 MB at 1,024 dimensions."""


def kcenter_greedy(
    vectors: Vectors,
    size: int,
    first: int = 0,
    chosen: Indices | None = None,
    progress: Callable[[int], None] = lambda picks: None,  # noqa: ARG005
) -> Selection:
    """Picks `size` points, each the farthest from all picks before it; ties go to the lowest index.

    `chosen` are earlier picks, in order, that count towards `size`; without them `first` is the start. Stops early
    when only duplicates of picks are left. Raises SelectionError when that many cannot be picked.
    """
    check_size(len(vectors), size)
    check_vectors(vectors)
    start = np.array([first]) if chosen is None else np.asarray(chosen, dtype=np.int64)
    if not len(start) or start.min() < 0 or start.max() >= len(vectors):
        raise SelectionError(f"The start {start.tolist()!r} is not among the {len(vectors)} functions.")
    cloud = _Cloud.around(vectors)
    cloud.meet(start)
    picks, squares = [int(pick) for pick in start], [np.inf] * len(start)
    while len(picks) < size and cloud.nearest.max() > 0:
        block, block_squares = _pick_block(cloud, size - len(picks))
        cloud.meet(block)
        picks += block.tolist()
        squares += block_squares
        progress(len(block))
    return Selection(np.array(picks), np.sqrt(np.array(squares)), float(np.sqrt(cloud.nearest.max())))


@dataclass(slots=True)
class _Cloud:
    """All points, and each one's exact squared distance to its nearest centre so far."""

    vectors: Vectors
    centred: Vectors
    norms: NDArray[np.float32]
    """Squared norms of the centred vectors."""
    slack: float
    """No float32 squared distance is farther than this from the true one."""
    nearest: Squares = field(init=False)

    def __post_init__(self) -> None:
        self.nearest = np.full(len(self.vectors), np.inf)

    @classmethod
    def around(cls, vectors: Vectors) -> "_Cloud":
        """Centres the vectors, so that the norms, and with them the rounding, are as small as they can be."""
        mean = vectors.mean(axis=0, dtype=np.float64)
        centred = np.empty(vectors.shape, np.float32)
        for begin in range(0, len(vectors), ROWS_A_PRODUCT):
            rows = slice(begin, begin + ROWS_A_PRODUCT)
            centred[rows] = vectors[rows] - mean
        norms = np.einsum("ij,ij->i", centred, centred)
        # Higham's bound d*u*|x||y| for a product of length d, the two norms' own, and the rounding of the centring.
        unit = float(np.finfo(np.float32).eps) / 2
        slack = 4 * (vectors.shape[1] + 8) * unit * max(float(norms.max()), float(np.finfo(np.float32).tiny))
        return cls(vectors, centred, norms, slack)

    def meet(self, centres: Indices) -> None:
        """Lowers every point's distance to the nearest of `centres` where that is nearer."""
        # What was picked, and its duplicates, can come no nearer; where nearly all are picked that is half of the work.
        points_left = np.flatnonzero(self.nearest > 0)
        for begin in range(0, len(centres), CENTRES_A_PRODUCT):
            some = centres[begin : begin + CENTRES_A_PRODUCT]
            against, norms = self.centred[some].T.copy(), self.norms[some]
            for row in range(0, len(points_left), ROWS_A_PRODUCT):
                rows = points_left[row : row + ROWS_A_PRODUCT]
                # As long as none is left out the rows lie together, and a view of them is free.
                near = slice(rows[0], rows[-1] + 1) if rows[-1] - rows[0] + 1 == len(rows) else rows
                rough = self.centred[near] @ against
                # In place: these arrays are the working memory.
                rough *= -2
                rough += norms
                rough += self.norms[near, None]
                # A pair matters when it may be the nearest of these centres and may be nearer than what the point has.
                best = rough.min(axis=1) + 2 * self.slack
                limit = np.minimum(self.nearest[rows] + self.slack, best)
                touched = np.flatnonzero(best - 2 * self.slack <= limit)
                row, column = np.nonzero(rough[touched] <= limit[touched, None])
                points, others = rows[touched[row]], some[column]
                for first in range(0, len(points), PAIRS_A_RECHECK):
                    pairs = slice(first, first + PAIRS_A_RECHECK)
                    exact = squares_to(self.vectors[points[pairs]], self.vectors[others[pairs]])
                    np.minimum.at(self.nearest, points[pairs], exact)  # a point may stand in several pairs


def _pick_block(cloud: _Cloud, most: int) -> tuple[Indices, list[float]]:
    """The next picks, as long as the candidates' farthest is farther than every point outside can be."""
    candidates, outside = _candidates(cloud.nearest)
    nearest = cloud.nearest[candidates].copy()
    centred, norms = cloud.centred[candidates], cloud.norms[candidates]
    picks: list[int] = []
    squares: list[float] = []
    while len(picks) < most:
        position = int(nearest.argmax())
        if picks and nearest[position] <= outside:
            break
        picks.append(int(candidates[position]))
        squares.append(float(nearest[position]))
        rough = norms + (norms[position] - 2 * (centred @ centred[position]))
        nearer = np.flatnonzero(rough <= nearest + cloud.slack)
        exact = squares_to(cloud.vectors[candidates[nearer]], cloud.vectors[candidates[position]])
        nearest[nearer] = np.minimum(nearest[nearer], exact)
    return np.array(picks), squares


def _candidates(nearest: Squares) -> tuple[Indices, float]:
    """The farthest points in index order, and the largest distance that any other point has.

    Where all fit that is 0, so that a duplicate of a pick is never picked. Where more points tie than fit, only the
    first of the farthest is one: the next pick is then certain, no more.
    """
    if len(nearest) <= CANDIDATES:
        return np.arange(len(nearest)), 0.0
    outside = float(np.partition(nearest, -CANDIDATES - 1)[-CANDIDATES - 1])
    candidates = np.flatnonzero(nearest > outside)
    if not len(candidates):
        return np.array([nearest.argmax()]), np.inf
    return candidates, outside
