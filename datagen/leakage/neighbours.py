"""The paper's leak score: how near a benchmark's solutions come to the training code in embedding space."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datagen.coreset.selection import Vectors

PAPER_SCORES = (
    ("Magicoder-evol-codealpaca", 0.944, 0.899),
    ("WaveCoder-evol-codealpaca (decontaminated)", 0.925, 0.899),
    ("CodeAlpaca", 0.903, 0.904),
    ("CodeOcean", 0.880, 0.877),
)
"""Set, HumanEval, MBPP (500), with GTE-Large (paper, figure 6). Other encoders give other levels."""
_ROWS = 4096
"""Training texts met at once."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Of each problem, its nearest training texts."""

    indices: NDArray[np.int64]
    """(problems, k)."""
    similarities: NDArray[np.float32]
    """(problems, k) cosine, falling."""

    @property
    def mean_nearest(self) -> float:
        """The paper's leak score."""
        return float(self.similarities[:, 0].mean()) if len(self.similarities) else float("nan")


def nearest(problems: Vectors, training: Vectors, count: int) -> Neighbours:
    """The `count` nearest of the unit vectors `training` to each of the unit vectors `problems`; ties by index."""
    count = min(count, len(training))
    indices = np.empty((len(problems), 0), np.int64)
    similarities = np.empty((len(problems), 0), np.float32)
    for begin in range(0, len(training), _ROWS):
        cosine = problems @ training[begin : begin + _ROWS].T
        places = np.tile(np.arange(begin, begin + cosine.shape[1], dtype=np.int64), (len(problems), 1))
        # Earlier ones stand first, so a stable order gives ties to the lowest index.
        similarities = np.concatenate([similarities, cosine], axis=1)
        indices = np.concatenate([indices, places], axis=1)
        order = np.argsort(-similarities, axis=1, kind="stable")[:, :count]
        indices = np.take_along_axis(indices, order, axis=1)
        similarities = np.take_along_axis(similarities, order, axis=1)
    return Neighbours(indices, similarities)


def score_table(name: str, encoder: str, scores: Sequence[tuple[str, float]]) -> list[tuple[str, str, str, str]]:
    """Rows of the paper's table with ours beneath: set, encoder, HumanEval, MBPP."""
    ours = dict(scores)
    rows = [(title, "GTE-Large (paper)", f"{one:.3f}", f"{other:.3f}") for title, one, other in PAPER_SCORES]
    humaneval, mbpp = (f"{ours[each]:.3f}" if each in ours else "not measured" for each in ("humaneval", "mbpp"))
    return [*rows, (name, encoder, humaneval, mbpp)]
