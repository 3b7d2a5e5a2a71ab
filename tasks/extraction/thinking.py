"""Takes out what a reasoning model thought before it answered."""

import re

_SECTION = re.compile(r"<(think|thinking)>.*?</\1>", re.DOTALL)
_CLOSING = re.compile(r"\A.*</(?:think|thinking)>", re.DOTALL)
_OPENING = re.compile(r"^[ \t]*<(?:think|thinking)>", re.MULTILINE)


def without_thinking(answer: str) -> str:
    """The answer without its thinking.

    Templates that open the section themselves leave only its closing tag: all before that is thinking too. A section
    that never closes was cut off by the token limit: nothing in it is an answer.
    """
    if "<think" not in answer and "</think" not in answer:
        return answer
    spoken = _CLOSING.sub("", _SECTION.sub("", answer))
    unfinished = _OPENING.search(spoken)
    return spoken[: unfinished.start()] if unfinished else spoken
