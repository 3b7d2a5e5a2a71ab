"""The data card: what is in the set, how it came to be, and what it is not."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any, cast

from jinja2 import Environment, StrictUndefined

from datagen.output.figures import Figures
from datagen.rows.example import Example, TaskType

_MOST_CHARACTERS = 700
_FENCE = "`" * 4


def render_card(figures: Figures, rows: Sequence[Example], fingerprint: str) -> str:
    """The card in markdown, with one example of each task."""
    environment = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)
    filters = cast("dict[str, Any]", environment.filters)  # pyright: ignore[reportUnknownMemberType] (jinja2's own gap)
    filters["table"] = table
    template = environment.from_string(files("datagen").joinpath("output/card.md.jinja").read_text())
    samples = [next(row for row in rows if row.task is task) for task in TaskType if any(r.task is task for r in rows)]
    shown: list[tuple[str, str]] = []
    for row in samples:
        parts = [f"instruction: {row.instruction}", f"input:\n{row.input}", f"output:\n{row.output}"]
        cut = [part if len(part) <= _MOST_CHARACTERS else f"{part[:_MOST_CHARACTERS]} ..." for part in parts]
        # Four backticks: rows may hold fences of three.
        shown.append((row.task.value, "\n".join([_FENCE, *cut, _FENCE])))
    return template.render(
        figures=figures,
        rows=len(rows),
        fingerprint=fingerprint,
        samples=shown,
        languages=", ".join(f"{name} {count:,}" for name, count in figures.languages),
    )


def table(rows: Sequence[Sequence[object]], *heads: str) -> str:
    """A markdown table; an empty one says so."""
    if not rows:
        return "(none)"
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for row in rows:
        texts = (f"{value:,}" if isinstance(value, int) else str(value) for value in row)
        # A bar or a line break inside a cell would end it.
        lines.append("| " + " | ".join(text.replace("|", "\\|").replace("\n", " ") for text in texts) + " |")
    return "\n".join(lines)
