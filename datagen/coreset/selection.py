"""What a choice of functions is: indices in the order they were picked, and how well they cover the rest."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sandbox.errors import WavebenchError

Vectors = NDArray[np.float32]
"""(points, dimensions)."""
Squares = NDArray[np.float64]
"""(points,) squared distance of each point to its nearest centre."""

_ROWS_CHECKED = 1 << 14
LARGEST_VALUE = 1e15
"""Squares of larger numbers, summed over some thousand dimensions, exceed float32."""


class SelectionError(WavebenchError):
    """A choice that cannot be made: more centres than points, a start that does not exist."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Chosen points. Any prefix of `picks` is the selection for a smaller size."""

    picks: NDArray[np.int64]
    """Indices in the order of choice."""
    pick_distances: NDArray[np.float64]
    """Distance of each pick to the picks before it, at the moment it was picked; infinity for a start. Never grows."""
    radius: float
    """Coverage radius: the largest distance from any point to its nearest pick."""


def check_size(points: int, size: int) -> None:
    """Raises SelectionError when `size` picks cannot come out of `points` points."""
    if not 1 <= size <= points:
        raise SelectionError(f"A core set of {size} cannot be chosen from {points} functions: ask for 1 to {points}.")


def check_vectors(vectors: Vectors) -> None:
    """Raises SelectionError for vectors between which no distance can be computed."""
    largest = 0.0
    for begin in range(0, len(vectors), _ROWS_CHECKED):
        some = vectors[begin : begin + _ROWS_CHECKED]
        finite = np.isfinite(some).all(axis=1)
        if not finite.all():
            raise SelectionError(
                f"Vector {begin + int(np.flatnonzero(~finite)[0])} of {len(vectors)} holds NaN or infinity, so it has "
                "no distance: the encoder is at fault."
            )
        largest = max(largest, float(np.abs(some).max(initial=0.0)))
    if largest > LARGEST_VALUE:
        raise SelectionError(
            f"The vectors hold numbers up to {largest:.0e}, whose squares exceed float32: scale them to below "
            f"{LARGEST_VALUE:.0e}, such as to unit length."
        )


def squares_to(vectors: Vectors, centre: Vectors) -> Squares:
    """Squared Euclidean distance of each row to `centre` (one row, or one row each), in float64.

    Every distance in this package that decides anything comes from here, so that all ways to the same pair agree
    to the last bit.
    """
    difference = vectors.astype(np.float64) - centre.astype(np.float64)
    return np.einsum("ij,ij->i", difference, difference)
