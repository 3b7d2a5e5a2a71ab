"""Generic wrong answers: bodies that look at the form of their arguments alone, and never at what is asked."""

from types import MappingProxyType

BODIES = MappingProxyType(
    {
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
)
"""Of functions that take `*args`; arguments by keyword are not looked at."""


def trivial_answer(name: str, body: str) -> str:
    """The whole function of that name."""
    return f"def {name}(*args, **_):\n    {body}\n"
