"""The learning curve of a training: pass@1 with its interval over steps, from the run folders of its evaluations."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import WavebenchError

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


def read_curves(trainings: Sequence[Path]) -> dict[str, list[CurvePoint]]:
    """The curve of each training by its folder's name. Raises WavebenchError for a folder without evaluations."""
    curves: dict[str, list[CurvePoint]] = {}
    for folder in trainings:
        points = learning_curve(folder)
        if not points:
            raise WavebenchError(
                f"{str(folder)!r} holds no evaluated step-N folder: name the `out` of an EvaluationCallback."
            )
        name = folder.resolve().name
        curves[str(folder) if name in curves else name] = points
    return curves


def write_curve(folder: Path) -> None:
    """Writes curve.json: the points, for whoever draws them."""
    points = [
        {"step": each.step, "pass_at_1": each.pass_at_1, "low": each.low, "high": each.high}
        for each in learning_curve(folder)
    ]
    (folder / "curve.json").write_text(json.dumps(points, indent=1) + "\n")
