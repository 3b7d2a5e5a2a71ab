"""The data card: what is in the set, how it came to be, and what it is not."""

import json
import re
from collections.abc import Sequence
from importlib.resources import files
from typing import Any, cast

from jinja2 import Environment, StrictUndefined

from datagen.output.figures import Figures
from datagen.rows.example import Example, TaskType

_MOST_CHARACTERS = 700
_PLAIN_YAML = re.compile(r"(?!(?:true|false|yes|no|on|off|null)$)[A-Za-z][\w .-]*(?<! )", re.IGNORECASE | re.ASCII)
"""Names that YAML reads as the text they are; all others need quotes."""


def render_card(figures: Figures, rows: Sequence[Example], fingerprint: str) -> str:
    """The card in markdown, with one example of each task."""
    environment = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)
    filters = cast("dict[str, Any]", environment.filters)  # pyright: ignore[reportUnknownMemberType] (jinja2's own gap)
    filters["table"] = table
    filters["yaml_text"] = yaml_text
    template = environment.from_string(files("datagen").joinpath("output/card.md.jinja").read_text())
    samples = [next(row for row in rows if row.task is task) for task in TaskType if any(r.task is task for r in rows)]
    shown: list[tuple[str, str]] = []
    for row in samples:
        parts = [f"instruction: {row.instruction}", f"input:\n{row.input}", f"output:\n{row.output}"]
        cut = [part if len(part) <= _MOST_CHARACTERS else f"{part[:_MOST_CHARACTERS]} ..." for part in parts]
        # Longer than any fence inside the row.
        fence = "`" * max(4, 1 + max((len(run) for run in re.findall("`+", "".join(cut))), default=0))
        shown.append((row.task.value, "\n".join([fence, *cut, fence])))
    return template.render(
        figures=figures,
        rows=len(rows),
        fingerprint=fingerprint,
        samples=shown,
        languages=", ".join(f"{name} {count:,}" for name, count in figures.languages),
    )


def yaml_text(text: str) -> str:
    """The text as a YAML scalar; JSON's strings are YAML's too."""
    return text if _PLAIN_YAML.fullmatch(text) else json.dumps(text)


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
