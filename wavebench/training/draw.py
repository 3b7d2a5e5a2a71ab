"""The learning curve as a picture; `wavebench leaderboard curve` makes a page of it."""

from pathlib import Path
from typing import Any, cast

from leaderboards.runs.curve import learning_curve


def draw_curve(folder: str | Path) -> Path:
    """Writes curve.svg into `folder` and returns its path. Needs matplotlib."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    library = cast(Any, pyplot)
    points = learning_curve(folder)
    steps, values = [point.step for point in points], [point.pass_at_1 for point in points]
    figure, axes = library.subplots(figsize=(7, 4))
    axes.plot(steps, values, marker="o")
    axes.fill_between(steps, [point.low for point in points], [point.high for point in points], alpha=0.2)
    axes.set_xlabel("training step")
    axes.set_ylabel("pass@1, 95 % interval")
    file = Path(folder) / "curve.svg"
    figure.savefig(file)
    library.close(figure)
    return file
