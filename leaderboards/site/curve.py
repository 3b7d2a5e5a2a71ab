"""A page with the learning curves of trainings."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment
from markupsafe import Markup

from harness.files.atomic_write import write_whole
from harness.pages.frame import look_file
from leaderboards.runs.curve import CurvePoint
from leaderboards.site.drawing import SERIES, canvas, labels, legend_below

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Learning curves</title>
<style>{{ style }}</style>
</head>
<body>
<main id="main">
<h1>Learning curves</h1>
<p>pass@1 on the same problems at each step. Bands are 95 % intervals.</p>
{{ drawing }}
<table>
<tr><th>training</th><th>step</th><th>pass@1 %</th><th>run folder</th></tr>
{% for name, points in curves.items() %}{% for point in points -%}
<tr><td>{{ name }}</td><td>{{ point.step }}</td>
<td>{{ "%.1f (%.1f-%.1f)" | format(100 * point.pass_at_1, 100 * point.low, 100 * point.high) }}</td>
<td><code>{{ point.folder }}</code></td></tr>
{% endfor %}{% endfor %}
</table>
</main>
</body>
</html>
"""


def write_curve_page(curves: Mapping[str, Sequence[CurvePoint]], out: Path) -> None:
    """Writes one file that needs no other. Raises PlotError without matplotlib."""
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
    style = Markup(look_file("look.css") + files("leaderboards.site").joinpath("static/site.css").read_text())
    page = Environment(autoescape=True).from_string(_PAGE)
    write_whole(out, page.render(curves=curves, drawing=Markup(drawn.svg), style=style))
