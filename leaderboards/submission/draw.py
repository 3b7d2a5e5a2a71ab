"""How many samples to run again, and what a draw that finds nothing wrong can still have missed."""

from collections.abc import Callable
from math import exp, log1p

CONFIDENCE = 0.95


def survival(false: int, total: int, drawn: int) -> float:
    """The chance that a draw of `drawn` out of `total`, without replacement, holds none of `false` ones."""
    if false > total - drawn:
        return 0.0
    return exp(sum(log1p(-drawn / (total - place)) for place in range(false)))


def most_false(passes: int, drawn: int) -> int:
    """How many of `passes` can be false (95 %, exact) although `drawn` of them were run again and none was."""
    return _last(passes, lambda false: survival(false, passes, drawn) > 1 - CONFIDENCE)


def passes_needed(passes: int, at_most: float) -> int:
    """The fewest passes to run again so that, when all hold, at most the share `at_most` of them can be false."""
    allowed = int(at_most * passes + 1e-9)
    if allowed >= passes:
        return 0
    return passes - _last(passes, lambda spared: survival(allowed + 1, passes, passes - spared) <= 1 - CONFIDENCE)


def _last(most: int, holds: Callable[[int], bool]) -> int:
    """The largest number up to `most` for which `holds`, which is true of 0 and, once false, stays false."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low
