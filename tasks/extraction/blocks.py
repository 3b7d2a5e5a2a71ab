"""Chooses among the pieces of code that an answer holds, and puts together what belongs together; of any language."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from tasks.extraction.fences import Block
from tasks.task import Extraction

_ROUNDS = 8
"""How far definitions that need other definitions are followed."""
_MOST_PIECES = 4
"""Blocks that are put behind another one."""
_SHOWN_AS_WRONG = re.compile(
    r"\b(wrong|incorrect|buggy|bugs?|broken|faulty|original|na[i\xef]ve|mistakes?|pitfalls?|anti-?patterns?|bad|fails?"
    r"|tempt(?:ed|ing)|slow(er)?|inefficient|not work|before)\b"
    r"|[\u274c\u2717\u2718\u26d4\U0001f6ab]"
    r"|^\W*(?:(?:so|but|and|also|please)\s+)*(?:avoid|don.?t|do not|never|previous(?:ly)?|old)\b"
    r"|\bshould(?:n.?t| not| never)\b"
    r"|^\W*(?:instead of|rather than)\b[^,]*$",
    re.IGNORECASE,
)
_SHOWN_AS_RIGHT = re.compile(
    r"\b(correct(ed|ly)?|right|fix(ed|es|ing)?|final|solution|proper(ly)?|improved|revised|updated|working|after"
    r"|without|better|use this)\b|\u2705",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+(?=\S)")


def best_of(blocks: Sequence[Block]) -> Block | None:
    """Of blocks that define the entry point, the last that is not shown as wrong.

    An answer that goes on after its code corrects it, or repeats it whole.
    """
    if len(blocks) < 2:
        return blocks[0] if blocks else None
    return ([each for each in blocks if not is_shown_as_wrong(each)] or blocks)[-1]


def is_shown_as_wrong(block: Block) -> bool:
    """Whether the answer shows it as what not to write."""
    return is_introduced_as_wrong(block.introduction.rpartition("\n")[2])


def is_introduced_as_wrong(line: str) -> bool:
    """Whether the last sentence of a line says so of the code behind it."""
    words = _SENTENCE_END.split(line.strip())[-1]
    return bool(_SHOWN_AS_WRONG.search(words)) and not _SHOWN_AS_RIGHT.search(words)


def first_found(found: Iterable[Extraction | None]) -> Extraction | None:
    """The first extraction of rules that are tried in their order."""
    return next((extraction for extraction in found if extraction is not None), None)


def definitions_needed(
    wanted: frozenset[str],
    offered: Sequence[tuple[str, frozenset[str]]],
    names_used: Callable[[str], Iterable[str]],
) -> list[str]:
    """The offered definitions, in their order, that provide the wanted names, and the names that these use in turn.

    Of several with one name the last counts.
    """
    last = {name: place for place, (_, names) in enumerate(offered) for name in names}
    chosen: set[int] = set()
    for _ in range(_ROUNDS):
        found = {last[name] for name in wanted if name in last} - chosen
        if not found:
            break
        chosen |= found
        wanted = frozenset(name for place in found for name in names_used(offered[place][0]))
    return [offered[place][0] for place in sorted(chosen)]


def put_together(lines: Sequence[str], blocks: Sequence[Block]) -> Iterator[str]:
    """Code that a fence interrupts: each block with the text behind it, then with the blocks behind it, the last first.

    A fence is Markdown: where code goes on behind one, as in a function shown in two halves, it is no part of it.
    """
    for number in reversed(range(len(blocks))):
        block = blocks[number]
        following = blocks[number + 1 : number + 1 + _MOST_PIECES]
        behind = lines[block.end_line : following[0].line - 1 if following else len(lines)]
        if any(line.strip() for line in behind):
            yield "\n".join([block.code, *behind])
        code = block.code
        for each in following:
            code = f"{code}\n{each.code}"
            yield code
