"""Problem ids as others spell them: `Mbpp/14`, `MBPP/14` and `14` are one problem, and so are `Go/14` and the
`HumanEval/14` that it was translated from."""

import re
from collections.abc import Collection

from tasks.errors import TaskError
from tasks.families import HUMANEVAL

_TRANSLATIONS = frozenset(prefix.casefold() for prefix in HUMANEVAL.id_prefixes)
"""What stands before the number in ids of HumanEvalPack, whose problems keep HumanEval's numbers."""
_SPELLING = re.compile(r"(?:(?P<family>[A-Za-z+]+)[/_-])?(?P<number>\d+)")


def canonical_task_id(spelling: str | int, known: Collection[str]) -> str:
    """The id among `known` that is meant (a set or mapping makes this quick); TaskError when there is none."""
    text = str(spelling).strip()
    if text in known:
        return text
    family = next(iter(known), "").rpartition("/")[0]
    parts = _SPELLING.fullmatch(text)
    if parts:
        # a family is named in any case, left out, or named as the HumanEval that a translation was made from
        named = (parts["family"] or family).casefold()
        candidate = f"{family}/{int(parts['number'])}"
        meant = named == family.casefold() or (named == "humaneval" and family.casefold() in _TRANSLATIONS)
        if meant and candidate in known:
            return candidate
    example = next(iter(known), "none")
    raise TaskError(f"No problem has the id {text!r}: ids look like {example!r}; check that the samples fit the task.")
