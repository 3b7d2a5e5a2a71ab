"""Reads one JSON array piece by piece: a file of millions of rows never lies in memory as a whole."""

import json
import re
from collections.abc import Iterator
from typing import Any, TextIO

_CHARACTERS = 1 << 20
_SPACES = re.compile(r"\s*")
_SEPARATOR = re.compile(r"\s*([,\]])")


def array_items(stream: TextIO) -> Iterator[Any]:
    """The items of the array that the stream holds, in order. Raises ValueError where it is no JSON array."""
    decoder = json.JSONDecoder()
    text = stream.read(_CHARACTERS).lstrip()
    if not text.startswith("["):
        raise ValueError("it does not begin with an array")
    place, is_first = 1, True
    while True:
        spaces = _SPACES.match(text, place)
        place = spaces.end() if spaces else place
        if is_first and text.startswith("]", place):
            return
        try:
            value, end = decoder.raw_decode(text, place)
            # A number may go on behind the end of what was read, so an item counts once its separator is there.
            separator = _SEPARATOR.match(text, end)
            if separator is None:
                raise json.JSONDecodeError("expecting ',' or ']'", text, end)
        except ValueError:
            more = stream.read(max(_CHARACTERS, len(text)))  # ever more, so that a long item is not tried too often
            if not more:
                raise
            text, place = text[place:] + more, 0
            continue
        yield value
        if separator.group(1) == "]":
            return
        place, is_first = separator.end(), False
