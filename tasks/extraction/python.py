"""Finds the whole Python program in an answer.

What is already well formed runs exactly as the upstream protocols would run it; only what they could not run is
repaired, and the rule that did it is named.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from textwrap import dedent, indent

from tasks.extraction.fences import Block, fenced_blocks
from tasks.extraction.source import parsed
from tasks.extraction.stops import cut_at_stop
from tasks.extraction.thinking import without_thinking
from tasks.extraction.watched import bounded_extraction
from tasks.languages import SYNTAXES
from tasks.task import AnswerForm, Extraction

LONGEST_ANSWER = 1024 * 1024
"""Characters of an answer that are looked at at all; the rest is as if it had not been said."""
LONGEST_SEARCHED = 32 * 1024
"""Characters, thinking left out, in which code is searched for: ten times the longest solution of any benchmark here.
It bounds what a hostile answer can cost."""

_CODE_LINE = re.compile(r"(from\s+[\w.]+\s+import\b|import\s+\w|(async\s+)?def\s+\w+\s*\(|class\s+\w+\s*[:(]|@\w)")
_INDENT = "    "


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer without thinking, beside what was asked."""

    text: str
    prompt: str
    entry_point: str
    beyond: str = ""
    """What stands behind the first stop string."""

    def accepts(self, code: str) -> bool:
        """Whether the code parses and defines the entry point with a body."""
        source = parsed(code)
        return not source.broken and source.implements(self.entry_point)

    @property
    def continues(self) -> bool:
        """Whether the answer goes on inside the prompt's function; an answer that starts anew may hold stop strings."""
        return self.text[:1].isspace() and bool(self.text.strip())


def extract_python(
    answer: str,
    prompt: str,
    entry_point: str,
    form: AnswerForm = AnswerForm.AUTO,
    stop: Sequence[str] = (),
    asked_for: AnswerForm = AnswerForm.AUTO,
) -> Extraction:
    """The whole program that an answer stands for; empty code when it holds none.

    `form` says what the answer is known to be: CONTINUATION and PROGRAM run verbatim. Under AUTO the code is searched
    for; `asked_for` says what the prompt style asked the model for, so that this reading is tried first.
    """
    cut = answer[:LONGEST_ANSWER]
    if not cut.strip():
        return Extraction("", "empty")
    if form is AnswerForm.PROGRAM:
        return Extraction(cut, "program")
    if form in (AnswerForm.CONTINUATION, AnswerForm.FITTED):
        return Extraction(prompt + cut, "continuation")
    text = without_thinking(cut.replace("\r\n", "\n").replace("\r", "\n"))[:LONGEST_SEARCHED]
    if not text.strip():
        return Extraction("", "only thinking")
    return bounded_extraction(len(text), _stopped_and_searched, text, prompt, entry_point, tuple(stop), asked_for)


Rule = Callable[[_Answer], Extraction | None]


def _stopped_and_searched(
    text: str, prompt: str, entry_point: str, stop: Sequence[str], asked_for: AnswerForm
) -> Extraction:
    kept = cut_at_stop(text, stop, prompt if asked_for is AnswerForm.CONTINUATION else "")
    return _search(_Answer(kept, prompt, entry_point, text[len(kept) :]), asked_for)


def _search(answer: _Answer, asked_for: AnswerForm) -> Extraction:
    if asked_for is AnswerForm.CONTINUATION and not answer.continues:
        answer = replace(answer, text=answer.text + answer.beyond)
    for rule in _ORDER[asked_for]:
        found = rule(answer)
        if found is not None:
            return found
    match asked_for:
        case AnswerForm.CONTINUATION:
            return Extraction(answer.prompt + answer.text, "continuation") if answer.text.strip() else _NOTHING
        case AnswerForm.PROGRAM:
            return Extraction(answer.text, "program") if answer.text.strip() else _NOTHING
        case _:
            return _NOTHING


_NOTHING = Extraction("", "no code found")


def _continuation(answer: _Answer) -> Extraction | None:
    """Prompt and answer, as they are."""
    code = answer.prompt + answer.text
    return Extraction(code, "continuation") if answer.accepts(code) else None


def _program(answer: _Answer) -> Extraction | None:
    """The answer, as it is."""
    return Extraction(answer.text, "program") if answer.accepts(answer.text) else None


def _repeated_prompt(answer: _Answer) -> Extraction | None:
    """The prompt again, then its continuation."""
    prompt = answer.prompt.strip()
    if not prompt or not answer.text.lstrip().startswith(prompt):
        return None
    code = answer.prompt.rstrip() + answer.text.lstrip()[len(prompt) :]
    code = _sound(code, answer.entry_point)
    return Extraction(code, "repeated prompt") if answer.accepts(code) else None


def _fenced(answer: _Answer) -> Extraction | None:
    """The block that defines the entry point; else one that continues the prompt; else the first Python block."""
    blocks = [block for block in fenced_blocks(answer.text) if block.code.strip()]
    tags = SYNTAXES["python"].fence_tags | {""}
    return (
        _first(_defining_block(answer, block, sound=True) for block in blocks)
        or _first(_continuing_block(answer, block) for block in blocks)
        or _first(_defining_block(answer, block, sound=False) for block in blocks)
        or _first(_other_block(answer, block) for block in blocks if block.tag in tags)
    )


def _defining_block(answer: _Answer, block: Block, *, sound: bool) -> Extraction | None:
    code = block.code if block.closed else _sound(block.code, answer.entry_point)
    if not parsed(code).implements(answer.entry_point) or (sound and parsed(code).broken):
        return None
    return Extraction(_with_preamble(answer, code), "fence" if block.closed else "open fence")


def _continuing_block(answer: _Answer, block: Block) -> Extraction | None:
    inner = _Answer(block.code, answer.prompt, answer.entry_point)
    found = _continuation(inner) or _indented_continuation(inner)
    return Extraction(found.code, f"fence, {found.rule}") if found else None


def _other_block(answer: _Answer, block: Block) -> Extraction:
    return Extraction(_with_preamble(answer, block.code), "fence without the entry point")


def _prose_around(answer: _Answer) -> Extraction | None:
    """From the first line that looks like code, or from the entry point's own line, to where it stops parsing."""
    lines = answer.text.split("\n")
    starts = [number for number, line in enumerate(lines) if _CODE_LINE.match(line)]
    own = [n for n in starts if re.match(rf"(async\s+)?def\s+{re.escape(answer.entry_point)}\b", lines[n])]
    for start in [*starts[:1], *own[:1]]:
        code = _sound("\n".join(lines[start:]), answer.entry_point)
        if parsed(code).implements(answer.entry_point):
            return Extraction(_with_preamble(answer, code), "prose around code")
    return None


def _indented_continuation(answer: _Answer) -> Extraction | None:
    """Prompt and answer, after the answer's indentation was mended: all of it, or its first line."""
    for text in (_all_indented(answer.text), _first_line_aligned(answer.text)):
        code = answer.prompt + text
        if answer.accepts(code) and parsed(code).returns(answer.entry_point):
            return Extraction(code, "continuation, indentation mended")
    return None


_ORDER: dict[AnswerForm, tuple[Rule, ...]] = {
    AnswerForm.AUTO: (_fenced, _repeated_prompt, _prose_around, _continuation, _indented_continuation),
    AnswerForm.CONTINUATION: (_continuation, _fenced, _repeated_prompt, _prose_around, _indented_continuation),
    AnswerForm.PROGRAM: (_program, _fenced, _prose_around),
}


def _sound(code: str, entry_point: str) -> str:
    """The code without a tail that does not parse, when the entry point is whole without it; else the code."""
    return parsed(code).sound_part(entry_point) or code


def _with_preamble(answer: _Answer, code: str) -> str:
    """The code behind those imports and helpers of the prompt that it does not bring itself."""
    if not answer.prompt or "from __future__" in code:
        return code
    own: frozenset[str] = frozenset(name for _, names in parsed(code).statements() for name in names)
    before = parsed(parsed(answer.prompt).before(answer.entry_point))
    missing = [text for text, names in before.statements() if not names <= own]
    return "\n".join([*missing, code])


def _all_indented(text: str) -> str:
    return indent(dedent(text.strip("\n")), _INDENT) + "\n"


def _first_line_aligned(text: str) -> str:
    """The first line moved to where the shallowest indented line of the others stands, or to one indent."""
    first, _, rest = text.lstrip("\n").partition("\n")
    depths = [len(line) - len(line.lstrip()) for line in rest.split("\n") if line[:1].isspace() and line.strip()]
    return f"{' ' * min(depths, default=len(_INDENT))}{first.lstrip()}\n{rest}"


def _first(found: Iterator[Extraction | None]) -> Extraction | None:
    return next((extraction for extraction in found if extraction is not None), None)
