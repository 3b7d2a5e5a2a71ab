"""How plots mark models whose scores hold forged passes."""

from leaderboards.runs.leaderboard import Leaderboard, LeaderboardEntry


def mark_name(entry: LeaderboardEntry) -> str:
    """The entry's name, with a mark behind it where it applies."""
    return f"{entry.name} †" if entry.forged else entry.name


def forged_caption(board: Leaderboard) -> str:
    """What the mark means; empty where there is none."""
    return " † holds forged passes, see the table." if any(entry.forged for entry in board.entries) else ""
