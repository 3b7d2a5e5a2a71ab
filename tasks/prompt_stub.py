"""A prompt that ends in a function's head, docstring or body, as a program of its own."""

import ast
import warnings
from functools import lru_cache


@lru_cache(maxsize=2048)
def with_body(prompt: str) -> str:
    """The prompt, with a body where its function lacks one and without a last line that the answer should finish.

    Where nothing of that parses, the prompt with a body.
    """
    begun = f"{prompt.rstrip()}\n    pass\n"
    before_last_line = f"{prompt.rstrip().rpartition(chr(10))[0]}\n    pass\n"
    return next((text for text in (prompt, begun, before_last_line) if _parses(text)), begun)


def _parses(text: str) -> bool:
    try:
        with warnings.catch_warnings(action="ignore"):
            ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
