"""Cuts an answer that continues the beginning of a function where that function ends.

Where the function's end can be seen by its syntax, it is cut there: harnesses that count braces, or look for stop
strings and lines without indentation, also find them in strings and comments and cut correct code. Where it cannot be
seen, the rules of bigcode-evaluation-harness are applied to the letter.
"""

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from tasks.extraction.budget import check_budget
from tasks.extraction.outline import outlined
from tasks.extraction.source import parsed
from tasks.extraction.watched import bounded_extraction
from tasks.task import Extraction

LONGEST_SEARCHED = 32 * 1024
"""Characters of an answer in which the end is searched for: ten times the longest solution of any benchmark here."""

_UNINDENTED = re.compile(r"^(?=[^ \t\n])(?=.*\S)", re.MULTILINE)
"""Where a line begins that has something in its first column."""


@dataclass(frozen=True, slots=True)
class BodyEnds:
    """What a benchmark's own harness knows of the ends of functions in one language."""

    stop: tuple[str, ...] = ()
    """Strings that end an answer wherever they stand, such as a model's end-of-text mark."""
    line_stop: tuple[str, ...] = ()
    """Strings of the language that end a function; heeded where its syntax tells nothing."""
    own_main: str = ""
    """Where a class that never closes is cut."""


def continued(base: str, answer: str, language: str, ends: BodyEnds) -> Extraction:
    """Base and answer, up to the end of the function (in a class: of the class) that base begins."""
    start, text = base.rstrip(), answer.rstrip()[:LONGEST_SEARCHED]
    return bounded_extraction(len(text), _continued, start, text, language, ends)


def _continued(start: str, text: str, language: str, ends: BodyEnds) -> Extraction:
    text = _before_stop(start, text, language, ends.stop)
    if not text.strip():
        return Extraction("", "empty")
    if language == "python":
        return _until_unindented(start, text)
    return _until_closed(start, text, language) or _never_closed(start, text, language, ends)


def closed_continuation(base: str, answer: str, language: str) -> Extraction | None:
    """As `continued`, in a language of braces and only if the function closes and parses."""
    found = _until_closed(base.rstrip(), "\n" + answer.rstrip()[:LONGEST_SEARCHED].lstrip("\n"), language)
    return found if found and not outlined(found.code, language).broken else None


def _until_closed(start: str, text: str, language: str) -> Extraction | None:
    outline = outlined(start + text, language)
    offset = len(start.encode("utf-8", "surrogatepass"))
    end = next((brace.end for brace in outline.braces if brace.end > offset and brace.depth <= 0), None)
    if end is None:
        return None
    # the definitions that follow at once belong to it, as far as what stands before them uses them
    waiting = deque(outline.names_used())
    wanted: set[str] = set()
    followed = end
    for item in outline.items:
        if item.start < end:
            continue
        if item.broken or not (item.names or item.accompanies):
            break
        while waiting and waiting[0][0] < followed:
            wanted.add(waiting.popleft()[1])
        if item.names & wanted:
            followed = item.end
    return Extraction(outline.slice(0, followed), "continuation")


def _never_closed(start: str, text: str, language: str, ends: BodyEnds) -> Extraction:
    """Upstream's repair; but where the function closes and only the class around it does not, a repair that helps."""
    for string in ends.line_stop:
        text = text.partition(string)[0]
    if ends.own_main and ends.own_main in text:
        text = text.partition(ends.own_main)[0] + "}"
    if "}" in text:
        text = text[: text.rindex("}") + 1]
    before, after = _open_blocks(start, language), _open_blocks(start + text, language)
    if 0 < after < before:
        return Extraction(f"{start}{text}\n{'}' * after}", "continuation, class closed")
    if ends.own_main and text.count("{") - 1 == text.count("}"):
        text += "\n}"
    return Extraction(start + text, "continuation, never closed")


def _open_blocks(text: str, language: str) -> int:
    return next((brace.depth for brace in reversed(outlined(text, language).braces)), 0)


def _until_unindented(start: str, text: str) -> Extraction:
    """Python: up to the first unindented line behind the function, comments and continued lines inside it aside."""
    rule = "continuation"
    if text[:1] in " \t" and not parsed(f"{start}\n{text}").broken and parsed(start + text).broken:
        text, rule = f"\n{text}", "continuation, on a new line"
    end = parsed(start + text).end_of_definition_at(len(start))
    behind = 0 if end is None else end - len(start)
    cut = next((found.start() for found in _UNINDENTED.finditer(text) if found.start() >= behind), None)
    kept = text if cut is None else text[: max(cut - 1, 0)]
    return Extraction(start + kept, rule) if kept.strip() else Extraction("", "no continuation")


def _before_stop(start: str, text: str, language: str, stop: Sequence[str]) -> str:
    """The text up to the first stop string that stands in no string or comment."""

    def is_inside_text(position: int) -> bool:
        whole, place = start + text, len(start) + position
        if language == "python":
            return parsed(whole).inside_text(place)
        return outlined(whole, language).inside_text(len(whole[:place].encode("utf-8", "surrogatepass")))

    for string in stop:
        position = text.find(string)
        while position >= 0 and is_inside_text(position):
            check_budget()
            position = text.find(string, position + 1)
        text = text if position < 0 else text[:position]
    return text
