"""Generic wrong strategies: answers that look at the form of their arguments alone, and never at what is asked."""

import ast
import re
from collections.abc import Iterator
from typing import Any

BODIES = {
    "the first argument": "return args[0]",
    "the last argument": "return args[-1]",
    "a tuple of the arguments": "return args",
    "the length of the first": "return len(args[0])",
    "the first, sorted": "return sorted(args[0])",
    "the first, reversed": "return args[0][::-1]",
    "the first's first item": "return args[0][0]",
    "the first's last item": "return args[0][-1]",
    "the first's items once": "return list(dict.fromkeys(args[0]))",
    "the first as a tuple": "return tuple(args[0])",
    "the first as a text": "return str(args[0])",
    "the largest of the first": "return max(args[0])",
    "the smallest of the first": "return min(args[0])",
    "the sum of the first": "return sum(args[0])",
    "the largest argument": "return max(args)",
    "the smallest argument": "return min(args)",
    "the sum of the arguments": "return sum(args)",
    "True": "return True",
    "False": "return False",
    "None": "return None",
    "0": "return 0",
    "1": "return 1",
    "-1": "return -1",
    "an empty text": "return ''",
    "an empty list": "return []",
    "whether the first is true": "return bool(args[0])",
    "whether the last is true": "return bool(args[-1])",
    "whether all arguments are equal": "return all(each == args[0] for each in args)",
}
ECHO = "the first example's result"


def strategies(prompt: str, tests: str, entry_point: str) -> Iterator[tuple[str, str]]:
    """Name and function body of each that can be made for a problem."""
    yield from BODIES.items()
    shown = first_result(prompt, entry_point) or first_result(tests, entry_point)
    if shown:
        yield ECHO, f"return {shown}"


def code_of(entry_point: str, body: str) -> str:
    return f"def {entry_point}(*args, **_):\n    {body}\n"


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
