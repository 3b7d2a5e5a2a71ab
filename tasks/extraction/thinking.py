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
    ignored = 0  # where the last opening tag ended that did not count: what follows on its line does not begin it
    for tag in _TAG.finditer(answer):
        if tag[1]:
            if not thinking:
                spoken.clear()
            position, thinking = tag.end(), False
        elif not thinking:
            begin = answer.rfind("\n", max(position, ignored), tag.start()) + 1 or position
            if begin >= ignored and not answer[begin : tag.start()].strip():
                spoken.append(answer[position : tag.start()])
                thinking = True
            else:
                ignored = tag.end()
    return "".join(spoken) if thinking else "".join(spoken) + answer[position:]
