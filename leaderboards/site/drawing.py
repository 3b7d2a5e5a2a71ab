"""Draws with matplotlib into SVG that takes its colours and its font from the page, light or dark."""

import importlib
import io
import re
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from os.path import commonprefix
from typing import Any, TypeAlias

from markupsafe import Markup

from harness.pages.frame import look_file
from sandbox.errors import WavebenchError
from sandbox.extras import install_command

_LABEL = 27
"""Characters of a name beside a drawing."""
WIDTH = 4.4
"""Inches: narrow enough that letters stay readable where the page is 390 pixels wide."""
Axes: TypeAlias = Any
"""matplotlib.axes.Axes; its own types leave most keywords unknown."""

INK, SOFT, LINE, ACCENT, CARD = "#010101", "#020202", "#030303", "#040404", "#050505"
SERIES = ("#0a0001", "#0a0002", "#0a0003", "#0a0004", "#0a0005", "#0a0006")
"""Colours that no plot uses; each is replaced by a variable of the page's style sheet."""
_VARIABLES = {
    **dict(zip((INK, SOFT, LINE, ACCENT, CARD), ("--ink", "--soft", "--line", "--accent", "--card"), strict=True)),
    **{colour: f"--series-{number}" for number, colour in enumerate(SERIES, start=1)},
}
_STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.size": 9.5,
    "axes.edgecolor": LINE,
    "axes.labelcolor": SOFT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "text.color": INK,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelcolor": SOFT,
    "ytick.labelcolor": INK,
    "grid.color": LINE,
    "grid.linewidth": 0.8,
    "legend.frameon": False,
}


class PlotError(WavebenchError):
    """Plots cannot be drawn here."""


@dataclass(frozen=True, slots=True)
class Plot:
    """One drawing with the words that stand beside it."""

    title: str
    caption: str
    svg: Markup
    key: tuple[str, ...] = ()
    """Names of the numbers in the drawing, from 1 on."""


@dataclass(slots=True)
class Canvas:
    """One pair of axes, and the SVG once the `with` is over."""

    axes: Axes
    svg: str = ""


@contextmanager
def canvas(name: str, width_inches: float, height_inches: float) -> Generator[Canvas]:
    """Axes to draw on; `name` makes the ids unique on a page. Raises PlotError."""
    try:
        matplotlib: Any = importlib.import_module("matplotlib")
        figures: Any = importlib.import_module("matplotlib.figure")
    except ImportError:
        raise PlotError(f"The site's plots need matplotlib: {install_command('site')}") from None
    with matplotlib.rc_context({**_STYLE, "svg.hashsalt": name}):
        figure = figures.Figure(figsize=(width_inches, height_inches), layout="constrained", facecolor="none")
        drawn = Canvas(figure.add_subplot(facecolor="none"))
        yield drawn
        stream = io.StringIO()
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    # Without prolog and fixed size, colours and font by the page, ids under the drawing's own name.
    svg = stream.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"font-family: [^;\"]*|font: ([\d.]+px) [^;\"]*", lambda m: f"font-size: {m[1]}" if m[1] else "", svg)
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', svg)
    svg = re.sub(r'(xlink:href="#|url\(#)', rf"\1{name}-", svg)
    for colour, variable in _VARIABLES.items():
        svg = svg.replace(colour, f"var({variable})")
    drawn.svg = svg.replace("<svg", '<svg aria-hidden="true"', 1)


def standalone(svg: str) -> str:
    """A drawing for a page as a file of its own: in the light colours, which then need no style sheet."""
    colours = dict(re.findall(r"(--[\w-]+): (#\w+)", look_file("look.css").partition("}")[0]))
    whole = re.sub(r"var\((--[\w-]+)\)", lambda found: colours[found[1]], svg)
    style = f"background: {colours['--card']}; font-family: system-ui, DejaVu Sans, sans-serif"
    return whole.replace("<svg", f'<svg style="{style}"', 1)


def legend_below(axes: Axes) -> None:
    """Names under the drawing, where they take no width from it."""
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=1, fontsize=8.5)


def labels(names: Sequence[str]) -> list[str]:
    """Names on an axis or in a legend: long ones are cut, but keep what tells them from one another."""
    whole = ["".join(character for character in name if character.isprintable()) for name in names]
    found = [name if len(name) <= _LABEL else f"{name[:9]}…{name[-17:]}" for name in whole]
    for label in {each for each in found if found.count(each) > 1}:
        places = [place for place, each in enumerate(found) if each == label]
        alike = [whole[place] for place in places]
        # What they share at both ends says nothing: checkpoints of one training often differ in their middle.
        start = len(commonprefix(alike))  # noqa: RUF071 - character by character is what is wanted
        end = len(commonprefix([name[start:][::-1] for name in alike]))  # noqa: RUF071
        for place, name in zip(places, alike, strict=True):
            middle = name[max(0, start - 3) : len(name) - end or None]
            found[place] = f"{name[:6]}…{middle[:18]}{'…' if end else ''}"
    return found
