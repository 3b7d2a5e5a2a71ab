"""Finds the fenced blocks of an answer written in Markdown."""

import re
from dataclasses import dataclass

_FENCE = re.compile(r"^(?P<indent>[ \t]*)(?P<mark>`{3,}+|~{3,}+)[ \t]*(?P<tag>[^\s`]*+)[^\n`]*+$")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block."""

    tag: str
    """The word behind the opening fence, lower case; empty when there is none."""
    code: str
    """Without the indentation that the opening fence has, as in a list item."""
    closed: bool
    """False when the answer ends inside the block."""


def fenced_blocks(answer: str) -> list[Block]:
    """The blocks in their order. A fence closes on the same mark, at least as long, without a word behind it."""
    blocks: list[Block] = []
    opening: re.Match[str] | None = None
    lines: list[str] = []
    for line in answer.split("\n"):
        fence = _FENCE.match(line.rstrip("\r")) if "```" in line or "~~~" in line else None
        if opening is None:
            opening, lines = fence, []
        elif fence and not fence["tag"] and fence["mark"].startswith(opening["mark"]):
            blocks.append(_block(opening, lines, closed=True))
            opening = None
        else:
            lines.append(line)
    if opening is not None:
        blocks.append(_block(opening, lines, closed=False))
    return blocks


def _block(opening: re.Match[str], lines: list[str], *, closed: bool) -> Block:
    indent = opening["indent"]
    code = "\n".join(line.removeprefix(indent) for line in lines)
    return Block(opening["tag"].lower(), code, closed)
