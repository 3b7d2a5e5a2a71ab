"""Problems as questions of a test: how hard each is, and how well it tells good models from weak ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harness.statistics.paired import Tally

FEWEST_MODELS = 3
"""Below that a correlation over models says nothing."""


@dataclass(frozen=True, slots=True)
class ProblemStatistics:
    """One problem over all models of a table; forged passes count as failures."""

    task_id: str
    rate: float
    """Mean share of samples that pass, each model with equal weight."""
    solved_by: int
    """Models with at least one passing sample."""
    models: int
    """Models with a judged sample."""
    discrimination: float | None
    """Correlation over models between the share on this problem and the mean share on all others; below 0, better
    models do worse. None where all models do equally well on it, or where they are too few."""


def items(rows: Sequence[Mapping[str, Tally]], task_ids: Sequence[str]) -> list[ProblemStatistics]:
    """One item per task id; `rows` are tallies by task id, one mapping per model."""
    shares = np.full((len(rows), len(task_ids)), np.nan)
    for down, row in enumerate(rows):
        for across, task_id in enumerate(task_ids):
            if tally := row.get(task_id):
                shares[down, across] = tally.passed / tally.samples
    whole = shares[~np.isnan(shares).any(axis=1)]
    found: list[ProblemStatistics] = []
    for across, task_id in enumerate(task_ids):
        judged = shares[~np.isnan(shares[:, across]), across]
        others = (whole.sum(axis=1) - whole[:, across]) / max(1, len(task_ids) - 1)
        varied = len(whole) >= FEWEST_MODELS and np.ptp(whole[:, across]) > 0 and np.ptp(others) > 0
        found.append(
            ProblemStatistics(
                task_id,
                float(judged.mean()) if len(judged) else 0.0,
                int((judged > 0).sum()),
                len(judged),
                float(np.corrcoef(whole[:, across], others)[0, 1]) if varied else None,
            )
        )
    return found
