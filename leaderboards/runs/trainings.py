"""Checkpoints of one training run: a board shows them as one line, with a learning curve."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from leaderboards.runs.leaderboard import Leaderboard, LeaderboardEntry
from leaderboards.runs.names import digest, printable, weights_named

_CHECKPOINT = re.compile(
    r"(?P<run>.+?)[-_/.@ ]*(?:checkpoint|global[-_]?step|step|epoch|ckpt|iter)[-_/=]?(?P<step>\d+)"
    r"(?:[-_/](?:merged|hf|adapter|model))?/?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """The checkpoints of one training run, sampled in one way."""

    name: str
    """What the names of its checkpoints share."""
    checkpoints: Mapping[int, LeaderboardEntry]
    """By step, in order."""

    @property
    def last(self) -> LeaderboardEntry:
        """Stands for the training: the best one would be chosen by the very tests that score it."""
        return self.checkpoints[max(self.checkpoints)]

    @property
    def slug(self) -> str:
        """Its name in the address of a page."""
        return digest(f"{self.name}\n{self.last.note}")[:8]


def checkpoint_of(model: str) -> tuple[str, int] | None:
    """The training run and step that a name such as out/checkpoint-200 states."""
    found = _CHECKPOINT.fullmatch(model)
    return (str(found["run"]), int(found["step"])) if found else None


def find_trainings(board: Leaderboard) -> list[TrainingRun]:
    """Every training of which the board has several checkpoints. Of two entries of one step, the first counts."""
    found: dict[tuple[str, str], dict[int, LeaderboardEntry]] = {}
    for entry in board.entries:
        first = next(iter(entry.rows.values())).runs[0].config
        if checkpoint := checkpoint_of(f"{entry.model} {weights_named(first)}".rstrip()):
            name, step = checkpoint
            found.setdefault((name, entry.note), {}).setdefault(step, entry)
    return [
        TrainingRun(printable(name), dict(sorted(checkpoints.items())))
        for (name, _), checkpoints in found.items()
        if len(checkpoints) > 1
    ]


def without_earlier_checkpoints(board: Leaderboard) -> list[LeaderboardEntry]:
    """The board's entries, of each training the last checkpoint only."""
    earlier = {
        entry.name
        for training in find_trainings(board)
        for entry in training.checkpoints.values()
        if entry is not training.last
    }
    return [entry for entry in board.entries if entry.name not in earlier]
