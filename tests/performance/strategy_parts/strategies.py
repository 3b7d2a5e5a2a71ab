"""Generic wrong strategies: answers that look at the form of their arguments alone, and never at what is asked."""

import ast
import re
from collections.abc import Iterator
from typing import Any

from datagen.problems.trivial_answers import BODIES

ECHO = "the first example's result"


def strategies(prompt: str, tests: str, entry_point: str) -> Iterator[tuple[str, str]]:
    """Name and function body of each that can be made for a problem."""
    yield from BODIES.items()
    shown = first_result(prompt, entry_point) or first_result(tests, entry_point)
    if shown:
        yield ECHO, f"return {shown}"


def first_result(text: str, entry_point: str) -> str:
    """The literal that the first example expects, such as of `>>> f(1)` or `assert f(1) == 2`; empty without one."""
    name = re.escape(entry_point)
    for found in (
        re.search(rf">>>\s*{name}\(.*\)[^\n]*\n\s*(?P<result>[^\n]+)", text),
        re.search(rf"{name}\(.*?\)\s*(?:==|➞|->|=>|=)\s*(?P<result>[^\n]+)", text),
    ):
        if found:
            value = _literal(found["result"].strip())
            if value is not None:
                return repr(value[0])
    return ""


def _literal(text: str) -> tuple[Any] | None:
    """The longest beginning that is a literal: words may follow it."""
    for end in range(len(text), 0, -1):
        try:
            return (ast.literal_eval(text[:end].strip()),)
        except (ValueError, SyntaxError, MemoryError, TypeError):
            continue
    return None
