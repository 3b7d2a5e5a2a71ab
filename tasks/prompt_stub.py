"""A prompt that ends in a function's head or docstring, as a program of its own."""

import ast
import warnings
from functools import lru_cache


@lru_cache(maxsize=2048)
def with_body(prompt: str) -> str:
    """The prompt, with a body where its function lacks one: a docstring is one already."""
    try:
        with warnings.catch_warnings(action="ignore"):
            ast.parse(prompt)
    except (SyntaxError, ValueError):
        return f"{prompt.rstrip()}\n    pass\n"
    return prompt
