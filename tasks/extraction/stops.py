"""Cuts an answer where the model should have stopped."""

import re
from collections.abc import Sequence
from functools import lru_cache

from tasks.extraction.budget import check_budget
from tasks.extraction.source import parsed


def cut_at_stop(answer: str, stop: Sequence[str], base: str = "") -> str:
    """The answer up to its first stop string; one inside a string literal or comment of base + answer does not count.

    Harnesses that search the plain text cut correct answers there.
    """
    any_stop = _any_of(tuple(stop))
    found = any_stop.search(answer)
    if found is None:
        return answer
    source = parsed(base + answer)
    while found and source.inside_text(len(base) + found.start()):
        check_budget()
        found = any_stop.search(answer, found.start() + 1)
    return answer[: found.start()] if found else answer


@lru_cache
def _any_of(strings: tuple[str, ...]) -> re.Pattern[str]:
    """Finds the first place where any of them begins; nothing where there are none."""
    return re.compile("|".join(map(re.escape, strings)) or r"(?!)")
