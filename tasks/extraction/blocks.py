"""Chooses among the pieces of code that an answer holds, and puts together what belongs together; of any language."""

import re
from collections.abc import Callable, Iterable, Sequence

from tasks.extraction.fences import Block
from tasks.task import Extraction

_ROUNDS = 8
"""How far definitions that need other definitions are followed."""
_SHOWN_AS_WRONG = re.compile(
    r"\b(wrong|incorrect|buggy|broken|faulty|original|na[i\xef]ve|avoid|don.?t|do not|never|mistakes?|bad|fails?"
    r"|slow(er)?|inefficient|instead of|rather than|not work|before)\b",
    re.IGNORECASE,
)
_SHOWN_AS_RIGHT = re.compile(
    r"\b(correct(ed|ly)?|right|fix(ed|es|ing)?|final|solution|proper(ly)?|improved|revised|updated|working|after)\b",
    re.IGNORECASE,
)


def best_of(blocks: Sequence[Block]) -> Block | None:
    """Of blocks that define the entry point, the last that is not shown as wrong.

    An answer that goes on after its code corrects it, or repeats it whole.
    """
    return next(reversed([each for each in blocks if not is_shown_as_wrong(each)] or blocks), None)


def is_shown_as_wrong(block: Block) -> bool:
    """Whether the answer shows it as what not to write."""
    words = block.introduction.rpartition("\n")[2]
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
