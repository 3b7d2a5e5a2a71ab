"""Takes out what a reasoning model thought before it answered."""

import re

_TAG = re.compile(r"<(/?)think(?:ing)?>")


def without_thinking(answer: str) -> str:
    """The answer without its thinking.

    Templates that open the section themselves leave only its closing tag: all before that is thinking too. A section
    that never closes was cut off by the token limit: nothing in it is an answer. An opening tag counts at the start
    of a line only, so that code may speak of one.
    """
    spoken: list[str] = []
    position, thinking = 0, False
    for tag in _TAG.finditer(answer):
        if tag[1]:
            if not thinking:
                spoken.clear()
            position, thinking = tag.end(), False
        elif not thinking and not answer[max(position, answer.rfind("\n", 0, tag.start()) + 1) : tag.start()].strip():
            spoken.append(answer[position : tag.start()])
            thinking = True
    return "".join(spoken) if thinking else "".join(spoken) + answer[position:]
