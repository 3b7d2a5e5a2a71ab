"""Cuts an answer where the model should have stopped."""

from collections.abc import Sequence

from tasks.extraction.source import parsed


def cut_at_stop(answer: str, stop: Sequence[str], base: str = "") -> str:
    """The answer up to its first stop string; one inside a string literal or comment of base + answer does not count.

    Harnesses that search the plain text cut correct answers there.
    """
    if not any(string in answer for string in stop):
        return answer
    source = parsed(base + answer)
    position = _next_stop(answer, stop, 0)
    while position >= 0 and source.inside_text(len(base) + position):
        position = _next_stop(answer, stop, position + 1)
    return answer if position < 0 else answer[:position]


def _next_stop(answer: str, stop: Sequence[str], start: int) -> int:
    return min((found for string in stop if (found := answer.find(string, start)) >= 0), default=-1)
