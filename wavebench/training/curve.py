"""The learning curve of a training: pass@1 with its interval over steps, from the run folders of its evaluations."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

STEP_FOLDER = re.compile(r"step-(\d+)")


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One evaluation."""

    step: int
    pass_at_1: float
    low: float
    """Of the 95 % interval, like `high`."""
    high: float
    folder: str


def learning_curve(folder: str | Path) -> list[CurvePoint]:
    """The evaluations below `folder`, one in each step-N, by their step. Those without a score yet are left out."""
    points: list[CurvePoint] = []
    for run in Path(folder).glob("step-*"):
        found = STEP_FOLDER.fullmatch(run.name)
        if found and (run / "score.json").is_file():
            rate = json.loads((run / "score.json").read_text())["pass@1"]
            points.append(CurvePoint(int(found[1]), rate["value"], rate["low"], rate["high"], str(run)))
    return sorted(points, key=lambda point: point.step)


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


def write_curve(folder: Path) -> None:
    """Writes curve.json: the points, for whoever draws them."""
    points = [
        {"step": each.step, "pass_at_1": each.pass_at_1, "low": each.low, "high": each.high}
        for each in learning_curve(folder)
    ]
    (folder / "curve.json").write_text(json.dumps(points, indent=1) + "\n")
