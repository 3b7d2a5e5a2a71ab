"""The scores that plots show: the average over all tasks, or each task by itself where no model has all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.statistics.intervals import Interval
from leaderboards.runs.leaderboard import Leaderboard, LeaderboardEntry

_WORTH_COMPARING = 2
"""Models of a task that make a plot of their own."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One score per model."""

    label: str
    scores: Mapping[str, Interval]
    """By the name of the entry."""

    def of(self, entries: Sequence[LeaderboardEntry]) -> list[tuple[LeaderboardEntry, Interval]]:
        """Those of `entries` that have the score, the best first."""
        found = [(entry, self.scores[entry.name]) for entry in entries if entry.name in self.scores]
        return sorted(found, key=lambda each: -each[1].value)


def measures(board: Leaderboard) -> list[Measure]:
    """The average where there is one; else every task that several models have, or the first task."""
    if board.averaged and len(board.columns) > 1:
        averages = {entry.name: average for entry in board.entries if (average := entry.standings[1].average)}
        return [Measure("average pass@1", averages)]
    found = [
        Measure(
            f"{column.label}, pass@1",
            {entry.name: entry.rows[column].rates[1] for entry in board.entries if column in entry.rows},
        )
        for column in board.columns
    ]
    return [each for each in found if len(each.scores) >= _WORTH_COMPARING] or found[:1]
