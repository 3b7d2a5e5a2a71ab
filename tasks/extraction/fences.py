"""Finds the fenced blocks of an answer written in Markdown, also where the Markdown is not what its author meant.

CommonMark alone would close a block at a fence inside a docstring, and would not see one that opens or closes in the
middle of a line. So the first reading is CommonMark's, and where the code that it gives does not parse, other fences of
the answer are tried as the block's end, the nearest first.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_FENCE = re.compile(r"^(?P<indent>[ \t]*)(?P<mark>`{3,}+|~{3,}+)[ \t]*(?P<tag>[^\s`]*+)[^\n`]*+$")
_TAG = re.compile(r"[\w+#.-]*+")
_INLINE = re.compile(r"(?<!`)`(?P<code>[^`\n]+)`(?!`)")
_OTHER_ENDS = 6
"""Fences that are tried as the end of one block, besides the one that CommonMark takes."""
_INTRODUCTION = 400
"""Characters of the last two lines before a block that are kept."""
_MARKDOWN_TAGS = frozenset({"markdown", "md"})
_DIFF_TAGS = frozenset({"diff", "patch"})
_DEEPER = 3
"""Blanks by which a closing fence may be indented more than its opening one (CommonMark 0.31, section 4.5)."""


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block."""

    tag: str
    """The word behind the opening fence, lower case; empty when there is none."""
    code: str
    """Without the indentation that the opening fence has, as in a list item."""
    closed: bool
    """False when the answer ends inside the block."""
    introduction: str = ""
    """The last words before the block."""
    line: int = 0
    """Of its opening fence, counted from 1."""
    end_line: int = 0
    """Of its closing fence, or of the last line."""


@dataclass(frozen=True, slots=True)
class Fenced:
    """An answer taken apart."""

    blocks: tuple[Block, ...]
    outside: tuple[str, ...]
    """The texts between the blocks, in their order."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """A line that holds a fence."""

    line: int
    indent: str
    mark: str
    tag: str
    before: str | None
    """What stands before the fence on its line; None when nothing does."""


def fenced_blocks(answer: str) -> tuple[Block, ...]:
    """The blocks in their order, by CommonMark's rules alone."""
    return find_blocks(answer, frozenset(), lambda code: True).blocks  # noqa: ARG005


def find_blocks(answer: str, tags: frozenset[str], is_sound: Callable[[str], bool]) -> Fenced:
    """Blocks and the text around them; `is_sound` says whether code of the language parses, `tags` names the language.

    A fence closes on the same mark, at least as long, without a word behind it.
    """
    if "```" not in answer and "~~~" not in answer:
        return Fenced((), (answer,))
    lines = answer.split("\n")
    holding = [(number, line) for number, line in enumerate(lines) if "```" in line or "~~~" in line]
    marks = [mark for number, line in holding if (mark := _mark_in(number, line))]
    blocks: list[Block] = []
    outside: list[str] = []
    frames: list[str] = []  # the marks of fences that stand around blocks
    position, following = 0, 0  # the line and the mark that come next
    while following < len(marks):
        opening = marks[following]
        following_mark = marks[following + 1] if following + 1 < len(marks) else None
        if tags and _is_a_frame(lines, opening, following_mark, tags):
            frames.append(opening.mark)
            outside.append("\n".join(lines[position : opening.line]))
            position, following = opening.line + 1, following + 1
            continue
        if frames and not opening.tag and opening.before is None and opening.mark == frames[-1] and blocks:
            frames.pop()
            outside.append("\n".join(lines[position : opening.line]))
            position, following = opening.line + 1, following + 1
            continue
        if opening.before is not None and not (opening.tag and opening.tag in tags):
            # Behind code that nobody opened a fence for: the prefill did.
            outside.append("\n".join([*lines[position : opening.line], opening.before]))
            position, following = opening.line + 1, following + 1
            continue
        end = _end_of(lines, marks, following, tags, is_sound)
        between = "\n".join([*lines[position : opening.line], opening.before or ""])
        outside.append(between)
        closing = marks[end] if end < len(marks) else None
        code = _code(lines, opening, closing)
        last_words = [line for line in between.split("\n") if line.strip()][-2:]
        position = closing.line + 1 if closing else len(lines)
        introduction = "\n".join(last_words)[-_INTRODUCTION:]
        if opening.tag in _DIFF_TAGS and tags:
            code = _changed(code)
        blocks.append(Block(opening.tag, code, closing is not None, introduction, opening.line + 1, position))
        following = end + 1
    outside.append("\n".join(lines[position:]))
    return Fenced(tuple(blocks), tuple(text for text in outside if text.strip()))


def inline_code(answer: str) -> Sequence[str]:
    """Code between fences or backticks that open and close on one line."""
    fenced = [line.strip() for line in answer.split("\n") if line.count("```") > 1]
    codes = [line.strip("`") for line in fenced if line.startswith("```") and line.endswith("```")]
    without_tags = [code.partition(" ")[2] for code in codes if _TAG.fullmatch(code.partition(" ")[0])]
    return [*without_tags, *codes, *(found["code"] for found in _INLINE.finditer(answer))]


def _mark_in(number: int, line: str) -> _Mark | None:
    if found := _FENCE.match(line):
        return _Mark(number, found["indent"], found["mark"], found["tag"].lower().strip("{}."), None)
    end = line.rfind("```") + 3
    before = line[:end].rstrip("`")
    tag = line[end:].strip()
    if end < 3 or "```" in before or not before.strip() or not _TAG.fullmatch(tag):
        return None
    return _Mark(number, "", line[len(before) : end], tag.lower(), before)


def _is_a_frame(lines: list[str], opening: _Mark, following: _Mark | None, tags: frozenset[str]) -> bool:
    """Whether the fence stands around a whole answer in Markdown, or right before another one."""
    if opening.before is not None or following is None or following.before is not None or not following.tag:
        return False
    if opening.tag in _MARKDOWN_TAGS:
        return True
    doubled = opening.tag in tags | {""} and following.tag in tags
    return doubled and not any(line.strip() for line in lines[opening.line + 1 : following.line])


def _changed(diff: str) -> str:
    """The code as a diff leaves it."""
    kept = (line for line in diff.split("\n") if not line.startswith(("-", "+++", "@@")))
    return "\n".join(line[1:] if line[:1] in ("+", " ") else line for line in kept)


def _end_of(
    lines: list[str],
    marks: list[_Mark],
    opening: int,
    tags: frozenset[str],
    is_sound: Callable[[str], bool],
) -> int:
    """The number of the mark that closes the block; that behind the last when none does."""
    first = marks[opening]
    deepest = len(first.indent.expandtabs(4)) + _DEEPER

    def closes(mark: _Mark) -> bool:
        plain = mark.before is None and not mark.tag and mark.mark.startswith(first.mark)
        return plain and len(mark.indent.expandtabs(4)) <= deepest

    usual = next((n for n in range(opening + 1, len(marks)) if closes(marks[n])), len(marks))
    if first.tag not in tags | {""} or not tags:
        return usual
    others = [n for n in range(opening + 1, min(opening + 1 + _OTHER_ENDS, len(marks))) if n != usual]
    # one that closes in the middle of a line is likelier than none
    ends = (
        [usual, *others, len(marks)]
        if usual < len(marks)
        else [*(n for n in others if marks[n].before), usual, *others]
    )
    for end in ends:
        code = _code(lines, first, marks[end] if end < len(marks) else None)
        if code.strip() and is_sound(code):
            return end
        if end == usual and not first.tag and usual < len(marks):
            return usual  # what is announced as no code need not parse
    return usual


def _code(lines: list[str], opening: _Mark, closing: _Mark | None) -> str:
    inner = lines[opening.line + 1 : closing.line if closing else None]
    if closing and closing.before is not None:
        inner = [*inner, closing.before]
    return "\n".join(line.removeprefix(opening.indent) for line in inner)
