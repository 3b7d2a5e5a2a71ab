"""Changes to a trusted text at places that its syntax tree names."""

from collections.abc import Iterable

from tasks.extraction.outline import Outline

Edit = tuple[int, int, str]
"""From one byte to another, what is put there."""


def edited(outline: Outline, edits: Iterable[Edit]) -> str:
    """The text with all of these changes, of which no two overlap."""
    position, pieces = 0, list[str]()
    for start, end, text in sorted(edits):
        pieces += outline.slice(position, start), text
        position = end
    return "".join([*pieces, outline.slice(position, len(outline.data))])
