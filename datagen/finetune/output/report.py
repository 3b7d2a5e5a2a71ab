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
from harness.pages.frame import page_environment

_INKS = {"light": ("#1c2024", "#2f5fb3", "#b23a2e"), "dark": ("#c9ced6", "#86aef2", "#f08a80")}
"""By the page's scheme: words and axes, training loss, held-out loss; the colours of the page itself."""


def write_report(
    out: Path, config: FinetuneConfig, training: Training, steps: Sequence[StepLog], checks: Checks, manifest: Any
) -> None:
    """Writes loss.png, report.md and report.html; the page holds the picture itself."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    schemes = {scheme: draw_loss(training, steps, scheme) for scheme in _INKS}
    (out / "loss.png").write_bytes(draw_loss(training, steps))
    pictures = {scheme: base64.b64encode(picture).decode() for scheme, picture in schemes.items()}
    facts: dict[str, Any] = {"config": config, "training": training, "checks": checks, "manifest": manifest}
    facts |= {"formula": FORMULA, "pictures": pictures, "last": steps[-1] if steps else None}
    text = Environment(
        loader=PackageLoader("datagen.finetune.output", "pages"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    ).get_template("report.md.jinja")
    write_whole(out / "report.md", text.render(**facts))
    page = page_environment("datagen.finetune.output").get_template("report.html.jinja")
    write_whole(out / "report.html", page.render(**facts))


def draw_loss(training: Training, steps: Sequence[StepLog], scheme: str = "") -> bytes:
    """Training and held-out loss over the steps, as PNG; on white, or without a ground for a light or dark page."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    ink, first, second = _INKS.get(scheme, ("#000000", "#3b6ea5", "#a54b3b"))
    figure: Any = Figure(figsize=(7, 4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.plot([step.step for step in steps], [step.loss for step in steps], color=first, lw=1, label="training")
    if training.held_out:
        points = training.held_out
        axes.plot([p.step for p in points], [p.loss for p in points], "o-", color=second, label="held out")
    axes.set_xlabel("optimizer step", color=ink)
    axes.set_ylabel("loss on responses, nats a token", color=ink)
    axes.tick_params(colors=ink)
    axes.spines[:].set_color(ink)
    axes.legend(labelcolor=ink, facecolor="none" if scheme else "white")
    if scheme:
        axes.set_facecolor("none")
    stream = BytesIO()
    figure.savefig(stream, dpi=110, metadata={"Software": None}, transparent=bool(scheme))
    return stream.getvalue()
