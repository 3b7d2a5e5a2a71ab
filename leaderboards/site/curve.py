"""The learning curves of trainings: a page of its own, and a picture."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from markupsafe import Markup

from harness.files.atomic_write import write_whole
from harness.pages.frame import page_environment
from leaderboards.runs.curve import CurvePoint
from leaderboards.site.drawing import SERIES, canvas, labels, legend_below, standalone

Curves = Mapping[str, Sequence[CurvePoint]]
"""By the training's name."""


def draw_curves(curves: Curves) -> str:
    """SVG for a page that has the shared look. Raises PlotError without matplotlib."""
    with canvas("curves", 6.4, 4.2) as drawn:
        for number, (name, points) in enumerate(zip(labels(list(curves)), curves.values(), strict=True)):
            steps, colour = [point.step for point in points], SERIES[number % len(SERIES)]
            bands = [100 * point.low for point in points], [100 * point.high for point in points]
            values = [100 * point.pass_at_1 for point in points]
            drawn.axes.fill_between(steps, *bands, color=colour, alpha=0.14, linewidth=0)
            drawn.axes.plot(steps, values, color=colour, linewidth=2, marker="o", markersize=5, label=name)
        drawn.axes.set(xlabel="step", ylabel="pass@1, per cent")
        drawn.axes.grid(axis="y")
        legend_below(drawn.axes)
    return drawn.svg


def write_curve_picture(curves: Curves, out: Path) -> None:
    """Writes an SVG file. Raises PlotError without matplotlib."""
    write_whole(out, standalone(draw_curves(curves)))


def write_curve_page(curves: Curves, out: Path) -> None:
    """Writes one file that needs no other. Raises PlotError without matplotlib."""
    page = page_environment("leaderboards.site", "templates").get_template("curve.html.jinja")
    style = Markup(files("leaderboards.site").joinpath("static/site.css").read_text(encoding="utf-8"))
    write_whole(out, page.render(curves=curves, drawing=Markup(draw_curves(curves)), site_css=style))
