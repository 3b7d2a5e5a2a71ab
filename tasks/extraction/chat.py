"""Finds the program in an answer that says it among other things, in the languages whose blocks stand in braces."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.extraction.continuation import closed_continuation
from tasks.extraction.fences import Block, fenced_blocks
from tasks.extraction.outline import outlined
from tasks.extraction.thinking import without_thinking
from tasks.extraction.watched import bounded_extraction
from tasks.languages import SYNTAXES
from tasks.task import Extraction

LONGEST_ANSWER = 1024 * 1024
"""Characters of an answer that are looked at at all."""
LONGEST_SEARCHED = 32 * 1024
"""Characters, thinking left out, in which code is searched for."""

_NOTHING = Extraction("", "no code found")


@dataclass(frozen=True, slots=True)
class _ChatAnswer:
    text: str
    base: str
    entry_point: str
    language: str

    def defines(self, code: str) -> bool:
        """Whether the code defines the entry point, at the top or inside a class."""
        return outlined(code, self.language).function(self.entry_point) is not None

    def is_whole(self, code: str) -> bool:
        """Whether it also parses to its end."""
        return self.defines(code) and not outlined(code, self.language).broken


def extract_braced(answer: str, base: str, entry_point: str, language: str) -> Extraction:
    """The code that defines the entry point, as the answer words it; empty when it holds none.

    A body alone is put behind `base`. Imports and helpers of `base` that the code leaves out are not restored here.
    """
    text = without_thinking(answer[:LONGEST_ANSWER].replace("\r\n", "\n"))[:LONGEST_SEARCHED]
    if not text.strip():
        return Extraction("", "empty")
    return bounded_extraction(len(text), _search, _ChatAnswer(text, base, entry_point, language))


def _search(answer: _ChatAnswer) -> Extraction:
    blocks = [block for block in fenced_blocks(answer.text) if block.code.strip()]
    return _in_blocks(answer, blocks) or _in_prose(answer) or _as_body(answer, answer.text) or _NOTHING


def _in_blocks(answer: _ChatAnswer, blocks: list[Block]) -> Extraction | None:
    """The block that defines the entry point; else one that continues the base; else the first of the language."""
    for block in blocks:
        if answer.is_whole(block.code):
            return Extraction(block.code, "fence")
    for block in blocks:
        if not answer.defines(block.code) and (body := _as_body(answer, block.code)):
            return Extraction(body.code, f"fence, {body.rule}")
    for block in blocks:
        if answer.defines(block.code):
            return Extraction(_sound_part(answer, block.code), "broken fence" if block.closed else "open fence")
    tags = SYNTAXES[answer.language].fence_tags | {""}
    own = next((block for block in blocks if block.tag in tags), None)
    return Extraction(own.code, "fence without the entry point") if own else None


def _in_prose(answer: _ChatAnswer) -> Extraction | None:
    """From the first line that is code, or the entry point's own, to where the code ends."""
    for start in _starts(answer):
        code = "\n".join(answer.text.split("\n")[start:])
        if answer.defines(code):
            return Extraction(_sound_part(answer, code), "prose around code")
    return None


def _starts(answer: _ChatAnswer) -> Iterator[int]:
    lines = answer.text.split("\n")
    code_line = re.compile(SYNTAXES[answer.language].code_line)
    numbers = [number for number, line in enumerate(lines) if code_line.match(line.strip())]
    own = [number for number in numbers if re.search(rf"\b{re.escape(answer.entry_point)}\b", lines[number])]
    yield from [*numbers[:1], *own[:1]]


def _as_body(answer: _ChatAnswer, text: str) -> Extraction | None:
    """The text as the rest of the function that the base begins."""
    if not text.strip():
        return None
    return closed_continuation(answer.base, text, answer.language)


def _sound_part(answer: _ChatAnswer, code: str) -> str:
    """The code up to the first top-level part behind the entry point's that does not parse."""
    outline = outlined(code, answer.language)
    own = outline.function(answer.entry_point)
    if own is None or own.broken:
        return code
    end = own.end
    for item in outline.items:
        if item.start > own.start:
            if item.broken or item.kind not in outline.syntax.definition_nodes | outline.syntax.import_nodes:
                break
            end = item.end
    return outline.slice(0, end)
