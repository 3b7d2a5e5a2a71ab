"""The small curve beside a training's line in the table."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.statistics.intervals import Interval
from leaderboards.runs.leaderboard import Leaderboard
from leaderboards.runs.trainings import TrainingRun, find_trainings

WIDTH, HEIGHT = 100, 22
_SMALLEST_RANGE = 0.05
"""Differences below these 5 points do not fill the drawing."""


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """How one training went."""

    training: TrainingRun
    label: str
    """Which score: the average, or that of a task."""
    points: Sequence[tuple[int, Interval]]
    """Step and score."""
    places: Sequence[tuple[float, float]]
    """The same in the units of the drawing."""


def learning_curves(board: Leaderboard) -> list[LearningCurve]:
    """One for each training of the board: the average where the last checkpoint has it, else its first task."""
    found: list[LearningCurve] = []
    for training in find_trainings(board):
        averaged = len(board.columns) > 1 and training.last.standings[1].average
        column = next(each for each in board.columns if each in training.last.rows)
        points: list[tuple[int, Interval]] = []
        for step, entry in training.checkpoints.items():
            row = entry.rows.get(column)
            if score := entry.standings[1].average if averaged else row and row.rates[1]:
                points.append((step, score))
        steps, values = [step for step, _ in points], [score.value for _, score in points]
        span, rise = max(1, steps[-1] - steps[0]), max(_SMALLEST_RANGE, max(values) - min(values))
        places = [
            (WIDTH * (step - steps[0]) / span, HEIGHT * (1 - 0.9 * (value - min(values)) / rise) - 1)
            for step, value in zip(steps, values, strict=True)
        ]
        found.append(LearningCurve(training, "average" if averaged else column.label, points, places))
    return found
