"""Finds the whole Python program in an answer.

What is already well formed runs exactly as the upstream protocols would run it; only what they could not run is
repaired, and the rule that did it is named.
"""

import builtins
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from textwrap import dedent, indent

from tasks.extraction.blocks import best_of, definitions_needed, first_found, put_together
from tasks.extraction.candidates import Asked, list_candidates
from tasks.extraction.fences import Block, Fenced, find_blocks, inline_code
from tasks.extraction.normalise import answer_text
from tasks.extraction.source import parsed
from tasks.extraction.stops import cut_at_stop
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
_MOST_STARTS = 16
"""Lines with which code may begin that are tried."""
_KNOWN = frozenset(dir(builtins))


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
        """Whether the answer goes on inside the prompt's function; one that begins again may hold stop strings."""
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
    text = answer_text(cut)[:LONGEST_SEARCHED]
    if not text.strip():
        return Extraction("", "only thinking")
    found = bounded_extraction(len(text), _stopped_and_searched, text, prompt, entry_point, tuple(stop), asked_for)
    account = partial(list_candidates, cut, Asked(prompt, entry_point, "python"))
    return Extraction(found.code, found.rule, found.reason, account)


Rule = Callable[[_Answer], Extraction | None]


def _stopped_and_searched(
    text: str, prompt: str, entry_point: str, stop: Sequence[str], asked_for: AnswerForm
) -> Extraction:
    kept = cut_at_stop(text, stop, prompt if asked_for is AnswerForm.CONTINUATION else "")
    answer = _Answer(kept, prompt, entry_point, text[len(kept) :])
    if asked_for is AnswerForm.CONTINUATION and not answer.continues:
        answer = replace(answer, text=answer.text + answer.beyond)
    for rule in _ORDER[asked_for]:
        found = rule(answer)
        if found is not None:
            if asked_for is not AnswerForm.AUTO:
                return found
            # What a chat shows behind its function is no part of it: upstream never sees it, and it may fail.
            return replace(found, code=parsed(found.code).without_examples(answer.entry_point))
    match asked_for:
        case AnswerForm.CONTINUATION:
            return Extraction(answer.prompt + answer.text, "continuation") if answer.text.strip() else _NOTHING
        case AnswerForm.PROGRAM:
            return Extraction(answer.text, "program") if answer.text.strip() else _NOTHING
        case _:
            return _NOTHING


_NOTHING = Extraction("", "no code found")


def _continuation(answer: _Answer) -> Extraction | None:
    """Prompt and answer, as they are; without words behind the body that are code by chance, such as `Done`."""
    code = answer.prompt + answer.text
    if not answer.accepts(code):
        return None
    words = parsed(code).first_word_behind(answer.entry_point)
    return Extraction(code[:words], "continuation" if words is None else "continuation, tail dropped")


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
    """The last sound block that defines the entry point, with what it uses of the others; see `best_of`.

    Else the code outside the blocks; else a block that continues the prompt; else what of a block is sound.
    """
    fenced = _taken_apart(answer.text)
    blocks = [_dedented(answer, block) for block in fenced.blocks if block.code.strip()]
    whole = best_of([block for block in blocks if answer.accepts(block.code)])
    if whole is not None:
        number = next(number for number, block in enumerate(blocks) if block.code == whole.code)
        if (halves := _second_half(answer, blocks[number : number + 2])) is not None:
            return _with_others(answer, halves, blocks, "fence, interrupted")
        closed = blocks[number].closed
        return _with_others(answer, whole.code, blocks, "fence" if closed else "open fence")
    if not blocks:
        return None
    lines = answer.text.split("\n")
    return (
        first_found(_code_in_prose(answer, text) for text in fenced.outside)
        or first_found(
            _with_others(answer, code, blocks, "fence, interrupted") if answer.accepts(code) else None
            for code in put_together(lines, blocks)
        )
        or first_found(_continuing_block(answer, block) for block in reversed(blocks))
        or next(
            (
                Extraction(_with_preamble(answer, code), "fence" if block.closed else "open fence")
                for block in reversed(blocks)
                if parsed(code := _sound(block.code, answer.entry_point)).implements(answer.entry_point)
            ),
            None,
        )
    )


def _dedented(answer: _Answer, block: Block) -> Block:
    """The block without an indentation that all its lines have, where it is a whole program by that."""
    if not block.code.lstrip("\n")[:1].isspace():
        return block
    code = dedent(block.code)
    return replace(block, code=code) if answer.accepts(code) else block


def _second_half(answer: _Answer, blocks: Sequence[Block]) -> str | None:
    """Both blocks, where the first parses and never returns, and the second goes on inside its function."""
    if (
        len(blocks) < 2
        or not blocks[1].code.lstrip("\n")[:1].isspace()
        or parsed(blocks[0].code).returns(answer.entry_point)
    ):
        return None
    code = f"{blocks[0].code}\n{blocks[1].code}"
    return code if answer.accepts(code) and parsed(code).returns(answer.entry_point) else None


def _any_block(answer: _Answer) -> Extraction | None:
    """A block of Python that does not define the entry point."""
    tags = SYNTAXES["python"].fence_tags | {""}
    for block in _taken_apart(answer.text).blocks:
        if block.code.strip() and block.tag in tags:
            return Extraction(_with_preamble(answer, block.code), "fence without the entry point")
    return None


def _taken_apart(text: str) -> Fenced:
    return find_blocks(text, SYNTAXES["python"].fence_tags, lambda code: not parsed(code).broken)


def _with_others(answer: _Answer, code: str, blocks: Sequence[Block], rule: str) -> Extraction:
    """The code behind those definitions and imports of other blocks that it uses and nobody else provides."""
    others = [block.code for block in blocks if block.code != code and not parsed(block.code).broken]
    if others:
        offered = [each for other in others for each in parsed(other).definitions()]
        known = _KNOWN | {name for _, names in parsed(answer.prompt).statements() for name in names}
        needed = definitions_needed(parsed(code).free_names() - known, offered, lambda text: parsed(text).free_names())
        if needed:
            code, rule = "\n\n".join([*needed, code]), f"{rule}, with other blocks"
        future = dict.fromkeys(text for other in others for text in parsed(other).future_imports())
        code = "\n".join([*(text for text in future if text not in code), code])
    return Extraction(_with_preamble(answer, code), rule)


def _continuing_block(answer: _Answer, block: Block) -> Extraction | None:
    inner = _Answer(block.code, answer.prompt, answer.entry_point)
    found = _continuation(inner) or _indented_continuation(inner)
    return Extraction(found.code, f"fence, {found.rule}") if found else None


def _prose_around(answer: _Answer) -> Extraction | None:
    """Code among words: from a line that looks like code to where it stops parsing, or ceases to do anything."""
    return (
        _code_in_prose(answer, answer.text)
        or _code_in_prose(answer, _indented_block(answer))
        or next(
            (
                Extraction(_with_preamble(answer, code), "code on one line")
                for code in inline_code(answer.text)
                if answer.accepts(code)
            ),
            None,
        )
    )


def _code_in_prose(answer: _Answer, text: str) -> Extraction | None:
    lines = text.split("\n")
    starts = [number for number, line in enumerate(lines) if _CODE_LINE.match(line)]
    own = [n for n in starts if re.match(rf"(async\s+)?(def|class)\s+{re.escape(answer.entry_point)}\b", lines[n])]
    for start in [*starts[:_MOST_STARTS], *reversed(own[-_MOST_STARTS:])]:
        code = _sound("\n".join(lines[start:]), answer.entry_point)
        if answer.accepts(code):
            words = parsed(code).first_word_behind(answer.entry_point)
            return Extraction(_with_preamble(answer, code[:words]), "prose around code")
    for start in [*starts[:1], *own[:1]]:
        code = _sound("\n".join(lines[start:]), answer.entry_point)
        if parsed(code).implements(answer.entry_point):
            return Extraction(_with_preamble(answer, code), "prose around code")
    return None


def _indented_block(answer: _Answer) -> str:
    """The lines around an indented definition of the entry point that are indented too: Markdown's other code block."""
    lines = answer.text.split("\n")
    head = re.compile(rf"([ \t]+)(async\s+)?def\s+{re.escape(answer.entry_point)}\b")
    own = next((number for number, line in enumerate(lines) if head.match(line)), None)
    if own is None:
        return ""
    margin = lines[own][: len(lines[own]) - len(lines[own].lstrip())]
    first, last = own, own
    while first > 0 and (lines[first - 1].startswith(margin) or not lines[first - 1].strip()):
        first -= 1
    while last + 1 < len(lines) and (lines[last + 1].startswith(margin) or not lines[last + 1].strip()):
        last += 1
    return "\n".join(line.removeprefix(margin) for line in lines[first : last + 1])


def _cut_continuation(answer: _Answer) -> Extraction | None:
    """Prompt and answer up to where the answer is no code any more: words behind a body, or an open string."""
    if not answer.continues:
        return None
    whole = answer.prompt + answer.text
    unindented = re.compile(r"^(?=[^\s])", re.MULTILINE)
    cut = unindented.search(whole, len(answer.prompt) + 1)
    for code in (parsed(whole).sound_part(answer.entry_point) or "", whole[: cut.start()] if cut else ""):
        if answer.accepts(code):
            words = parsed(code).first_word_behind(answer.entry_point)
            return Extraction(code[:words], "continuation, tail dropped")
    return None


def _indented_continuation(answer: _Answer) -> Extraction | None:
    """Prompt and answer, after the answer's indentation was repaired: all of it, or its first line."""
    first, _, rest = answer.text.lstrip("\n").partition("\n")
    depths = [len(line) - len(line.lstrip()) for line in rest.split("\n") if line[:1].isspace() and line.strip()]
    all_indented = indent(dedent(answer.text.strip("\n")), _INDENT) + "\n"
    # The first line moved to where the shallowest indented line of the others stands, or to one indent.
    first_line_aligned = f"{' ' * min(depths, default=len(_INDENT))}{first.lstrip()}\n{rest}"
    for text in (all_indented, first_line_aligned):
        code = answer.prompt + text
        if answer.accepts(code) and parsed(code).returns(answer.entry_point):
            return Extraction(code, "continuation, indentation mended")
    return None


_ORDER: dict[AnswerForm, tuple[Rule, ...]] = {
    AnswerForm.AUTO: (
        *(_fenced, _repeated_prompt, _prose_around, _continuation, _cut_continuation, _indented_continuation),
        _any_block,
    ),
    AnswerForm.CONTINUATION: (
        *(_continuation, _cut_continuation, _fenced, _repeated_prompt, _prose_around, _indented_continuation),
        _any_block,
    ),
    AnswerForm.PROGRAM: (_program, _fenced, _prose_around, _any_block),
}


def _sound(code: str, entry_point: str) -> str:
    """The code without a tail that does not parse, when the entry point is whole without it; else the code."""
    return parsed(code).sound_part(entry_point) or code


def _with_preamble(answer: _Answer, code: str) -> str:
    """The code behind those imports and helpers of the prompt that it does not bring itself."""
    if not answer.prompt:
        return code
    own: frozenset[str] = frozenset(name for _, names in parsed(code).statements() for name in names)
    before = parsed(parsed(answer.prompt).before(answer.entry_point))
    missing = [text for text, names in before.statements() if not names <= own]
    return future_first("\n".join([*missing, code]))


def with_preamble(found: Extraction, prompt: str, entry_point: str) -> Extraction:
    """The extraction, its code behind those imports and helpers of the prompt that it does not bring itself."""
    if not found.code.strip() or found.code.startswith(prompt):
        return found
    answer = _Answer(found.code, prompt, entry_point)
    return bounded_extraction(len(found.code), _preamble_restored, answer, found)


def _preamble_restored(answer: _Answer, found: Extraction) -> Extraction:
    return replace(found, code=_with_preamble(answer, found.code))


def future_first(code: str) -> str:
    """The code with its `from __future__` lines at its beginning, where alone Python takes them."""
    if "__future__" not in code:
        return code
    lines = [text for text in parsed(code).future_imports() if text not in code[: len(text)]]
    for line in lines:
        before, _, behind = code.partition(line)
        statement = re.match(r"[ \t]*;[ \t]*", behind)  # another one on its line
        code = f"{line}\n{before}{behind[statement.end() :] if statement else behind}"
    return code
