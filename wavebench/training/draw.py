"""The learning curve as a picture; `wavebench leaderboard curve` makes a page of it."""

from pathlib import Path

from leaderboards.runs.curve import learning_curve


def draw_curve(folder: str | Path) -> Path:
    """Writes curve.svg into `folder` and returns its path. Raises PlotError without matplotlib."""
    from leaderboards.site.curve import write_curve_picture

    place = Path(folder)
    write_curve_picture({place.resolve().name: learning_curve(place)}, place / "curve.svg")
    return place / "curve.svg"
