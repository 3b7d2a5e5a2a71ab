"""What a zygote forks, and what its two kinds of samples have in common."""

from collections.abc import Callable
from typing import NamedTuple, NoReturn

PYTHON_MAIN = "main.py"
"""The file of a program that is executed."""
FIRST_PLACE = 3
"""Where a sample holds the first of its descriptors; the others follow."""


class Kind(NamedTuple):
    """One kind of samples."""

    head_bytes: int
    """Length of what stands before the limits in a request."""
    descriptors: int
    """How many come with a request. The zygote closes the first as soon as it has forked, the others at the end."""
    rehearse: Callable[[], None]
    """Does many times what each sample does before its program's first line; see `sandbox.zygote.preload`."""
    become: Callable[..., NoReturn]
    """In the child, with its `Entry`, the request's head and the descriptors: the way from fork to its end."""
