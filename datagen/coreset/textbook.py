"""KCenterGreedy as the textbook has it (Sener and Savarese 2018, algorithm 1): the oracle of the fast one."""

import numpy as np

from datagen.coreset.selection import Selection, Squares, Vectors, check_size, squares_to


def textbook_kcenter(vectors: Vectors, size: int, first: int) -> Selection:
    """Picks the point farthest from all picks, over and over; ties go to the lowest index; stops at distance 0."""
    check_size(len(vectors), size)
    nearest: Squares = np.full(len(vectors), np.inf)
    picks: list[int] = []
    distances: list[float] = []
    pick = first
    while len(picks) < size and nearest[pick] > 0:
        picks.append(pick)
        distances.append(float(np.sqrt(nearest[pick])))
        np.minimum(nearest, squares_to(vectors, vectors[pick]), out=nearest)
        pick = int(nearest.argmax())
    return Selection(np.array(picks), np.array(distances), float(np.sqrt(nearest.max())))
