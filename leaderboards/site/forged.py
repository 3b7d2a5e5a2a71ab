"""How plots mark models whose scores hold forged passes."""

from leaderboards.runs.leaderboard import Board, Entry


def marked(entry: Entry) -> str:
    """The entry's name, with a mark behind it where it applies."""
    return f"{entry.name} †" if entry.forged else entry.name


def forged_caption(board: Board) -> str:
    """What the mark means; empty where there is none."""
    return " † holds forged passes, see the table." if any(entry.forged for entry in board.entries) else ""
