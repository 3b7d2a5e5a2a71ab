"""Finds the program in an answer that says it among other things, in the languages whose blocks stand in braces."""

import re
from dataclasses import dataclass, replace
from functools import partial

from tasks.extraction.blocks import (
    best_of,
    definitions_needed,
    first_found,
    is_introduced_as_wrong,
    put_together,
)
from tasks.extraction.candidates import Asked, list_candidates
from tasks.extraction.continuation import closed_continuation
from tasks.extraction.examples import without_examples
from tasks.extraction.fences import Block, find_blocks, inline_code
from tasks.extraction.normalise import answer_text
from tasks.extraction.outline import outlined
from tasks.extraction.watched import bounded_extraction
from tasks.languages import SYNTAXES
from tasks.task import Extraction

LONGEST_ANSWER = 1024 * 1024
"""Characters of an answer that are looked at at all."""
LONGEST_SEARCHED = 32 * 1024
"""Characters, thinking left out, in which code is searched for."""

_MOST_STARTS = 8
"""Lines with which code may begin that are tried."""
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

    def is_stub(self, code: str) -> bool:
        """Whether the entry point does nothing but refuse its work."""
        return outlined(code, self.language).is_stub(self.entry_point)


def extract_braced(answer: str, base: str, entry_point: str, language: str) -> Extraction:
    """The code that defines the entry point, as the answer words it; empty when it holds none.

    A body alone is put behind `base`. Imports and helpers of `base` that the code leaves out are not restored here.
    """
    text = answer_text(answer[:LONGEST_ANSWER])[:LONGEST_SEARCHED]
    if not text.strip():
        return Extraction("", "empty")
    found = bounded_extraction(len(text), _search, _ChatAnswer(text, base, entry_point, language))
    account = partial(list_candidates, answer[:LONGEST_ANSWER], Asked(base, entry_point, language))
    return Extraction(found.code, found.rule, found.reason, account)


def _search(answer: _ChatAnswer) -> Extraction:
    tags = SYNTAXES[answer.language].fence_tags
    fenced = find_blocks(answer.text, tags, lambda code: not outlined(code, answer.language).broken)
    blocks = [block for block in fenced.blocks if block.code.strip()]
    found = (
        _whole_block(answer, blocks)
        or first_found(_in_prose(answer, text) for text in fenced.outside if blocks)
        or first_found(_interrupted(answer, code) for code in put_together(answer.text.split("\n"), blocks))
        or _continuing_or_broken(answer, blocks)
        or _in_prose(answer, answer.text)
        or next(
            (Extraction(code, "code on one line") for code in inline_code(answer.text) if answer.is_whole(code)), None
        )
        or _as_body(answer, answer.text)
    )
    if found is None:
        # Not even broken code of the function: then at least what was announced as code of the language.
        announced = next((block.code for block in blocks if block.tag in tags | {""}), None)
        found = _NOTHING if announced is None else Extraction(announced, "fence without the entry point")
    return replace(found, code=without_examples(found.code, answer.entry_point, answer.language))


def _whole_block(answer: _ChatAnswer, blocks: list[Block]) -> Extraction | None:
    """The block that `best_of` chooses, behind what it uses of the others."""
    sound = [block for block in blocks if answer.is_whole(block.code)]
    if len(sound) > 1:
        sound = [block for block in sound if not answer.is_stub(block.code)] or sound
    whole = best_of(sound)
    if whole is None:
        return None
    if len(blocks) == 1:
        return Extraction(whole.code, "fence")
    outline, base = outlined(whole.code, answer.language), outlined(answer.base, answer.language)
    others = [outlined(block.code, answer.language) for block in blocks if block.code != whole.code]
    offered = [each for other in others if not other.broken for each in other.offers()]
    if not offered:
        return Extraction(whole.code, "fence")
    used = frozenset(name for _, name in outline.names_used())
    known = outline.defined | base.defined | outline.imported | base.imported | outline.functions
    needed = definitions_needed(
        used - known, offered, lambda text: {name for _, name in outlined(text, answer.language).names_used()} - known
    )
    if not needed:
        return Extraction(whole.code, "fence")
    # The others' definitions go where the code's own imports have ended: Go and Java take no import behind one.
    end = max((item.end for item in outline.items if item.kind in outline.syntax.import_nodes), default=0)
    helpers = "\n\n".join(sorted(needed, key=lambda text: not outlined(text, answer.language).imported))
    code = f"{outline.slice(0, end)}\n{helpers}\n{outline.slice(end, len(outline.data))}"
    return Extraction(code, "fence, with other blocks")


def _interrupted(answer: _ChatAnswer, code: str) -> Extraction | None:
    return Extraction(code, "fence, interrupted") if answer.is_whole(code) else None


def _continuing_or_broken(answer: _ChatAnswer, blocks: list[Block]) -> Extraction | None:
    """The last block that continues the base; else the sound part of the last that defines the function."""
    for block in reversed(blocks):
        if not answer.defines(block.code) and (body := _as_body(answer, block.code)):
            return Extraction(body.code, f"fence, {body.rule}")
    for block in reversed(blocks):
        if answer.defines(block.code):
            return Extraction(_sound_part(answer, block.code), "broken fence" if block.closed else "open fence")
    return None


def _in_prose(answer: _ChatAnswer, text: str) -> Extraction | None:
    """From a line that is code, or the entry point's own, to where the code ends."""
    lines = text.split("\n")
    code_line = re.compile(SYNTAXES[answer.language].code_line)
    numbers = [number for number, line in enumerate(lines) if code_line.match(line.strip())]
    own = [number for number in numbers if re.search(rf"\b{re.escape(answer.entry_point)}\b", lines[number])]
    # The first lines that look like code, then the last that name the entry point: a broken version may stand before.
    starts = dict.fromkeys([*numbers[:_MOST_STARTS], *reversed(own[-_MOST_STARTS:])])
    codes = ["\n".join(lines[start:]) for start in starts]
    found: dict[int, str] = {}  # by the line on which they end
    for start, code in zip(starts, codes, strict=True):
        sound = _sound_part(answer, code)
        if not answer.is_whole(sound):
            continue
        end = start + sound.rstrip().count("\n")
        if not any(number > end for number in own):
            if is_introduced_as_wrong(next((line for line in reversed(lines[:start]) if line.strip()), "")) and found:
                continue
            return Extraction(sound, "prose around code")
        found.setdefault(end, sound)  # another version stands behind it, and may correct it
    if found:
        return Extraction(found[max(found)], "prose around code")
    for code in codes:
        if answer.defines(code):
            return Extraction(_sound_part(answer, code), "prose around code")
    return None


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
