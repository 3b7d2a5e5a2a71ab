"""The report of a training, in Markdown and as one HTML page with its loss curves."""

import base64
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from datagen.finetune.config import FinetuneConfig
from datagen.finetune.output.result import StepLog, Training
from datagen.finetune.training.checks import Checks
from datagen.finetune.training.throughput import FORMULA
from harness.files.atomic_write import write_whole


def write_report(
    out: Path, config: FinetuneConfig, training: Training, steps: Sequence[StepLog], checks: Checks, manifest: Any
) -> None:
    """Writes loss.png, report.md and report.html; the page holds the picture itself."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    picture = draw_loss(training, steps)
    (out / "loss.png").write_bytes(picture)
    facts: dict[str, Any] = {"config": config, "training": training, "checks": checks, "manifest": manifest}
    facts |= {"formula": FORMULA, "picture": base64.b64encode(picture).decode(), "last": steps[-1] if steps else None}
    for name in ("report.md", "report.html"):
        environment = Environment(
            loader=PackageLoader("datagen.finetune.output", "pages"),
            autoescape=name.endswith("html"),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        write_whole(out / name, environment.get_template(f"{name}.jinja").render(**facts))


def draw_loss(training: Training, steps: Sequence[StepLog]) -> bytes:
    """Training and held-out loss over the steps, as PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(7, 4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.plot([step.step for step in steps], [step.loss for step in steps], color="#3b6ea5", lw=1, label="training")
    if training.held_out:
        points = training.held_out
        axes.plot([p.step for p in points], [p.loss for p in points], "o-", color="#a54b3b", label="held out")
    axes.set_xlabel("optimizer step")
    axes.set_ylabel("loss on responses, nats a token")
    axes.legend()
    stream = BytesIO()
    figure.savefig(stream, dpi=110, metadata={"Software": None})
    return stream.getvalue()
