"""What a fork server has imported and warmed up before it forks, so that no sample does it again.

A sample that imports typing itself pays 10 ms, numpy 100 ms. But everything a server holds costs each fork a little,
and numpy a millisecond. So it holds what nearly every program uses, and takes up more once programs keep asking.
"""

import gc
import importlib
from collections import Counter
from collections.abc import Iterable, Sequence

from sandbox.zygote.heap_padding import pad_heap

PRELOADED = (
    "abc", "bisect", "collections", "contextlib", "copy", "enum", "functools", "heapq", "itertools", "linecache",
    "math", "operator", "random", "re", "string", "traceback", "typing", "warnings",
)  # fmt: skip
ON_DEMAND = (
    "cmath", "dataclasses", "datetime", "decimal", "fractions", "hashlib", "inspect", "json", "numpy", "statistics",
)  # fmt: skip

_FEW = 4
_SHARE = 1 / 16
"""Of the programs so far; from there on, importing a module in each costs more than holding it in all."""

_USUAL = """
from typing import Any, Dict, List, Optional, Tuple
import collections, math, re
class Point:
    def __init__(self, x):
        self.x = x
    def __eq__(self, other):
        return isinstance(other, Point) and self.x == other.x
def usual(numbers: List[int], text: str = "a b c", *rest: Any, **named: Any) -> Tuple[int, str]:
    total = 0
    for index, number in enumerate(numbers):
        if number % 2 == 0 and number > index or not text:
            total += number * number
    words = [word.upper() for word in text.split() if word]
    counted: Dict[str, int] = {}
    for letter in "".join(words):
        counted[letter] = counted.get(letter, 0) + 1
    ordered = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    try:
        return max(total, len(ordered)), f"{'-'.join(words)}{total:.2f}" + str(abs(-1.5) + math.sqrt(4.0))
    except (ValueError, KeyError):
        return 0, ""
def check(candidate):
    assert candidate([1, 2, 3])[1].startswith("A"), "message"
    assert Point(1) == Point(1) and set(range(3)) | {4} and re.sub("a", "b", "abc") and tuple(zip([1], "a"))
    assert list(map(int, "12")) == [1, 2] and any([0, 1]) and all([1]) and sum(range(9)) == 36 and round(2.5) == 2
    try:
        {}["missing"]
    except KeyError as error:
        assert str(error)
check(usual)
"""
WARM_UP_ROUNDS = 20
"""More than the interpreter waits before it specialises a function's instructions."""


def preload() -> None:
    """Imports what samples then find imported, and fills the interpreter's caches as programs would.

    Whatever a sample need not write to, it need not copy: a page fault costs 3 us, and a cold sample has 300 more.
    """
    for name in PRELOADED:
        importlib.import_module(name)
    for _ in range(WARM_UP_ROUNDS):
        exec(compile(_USUAL, "usual.py", "exec", dont_inherit=True), {"__name__": "usual"})
    settle_memory()


def settle_memory() -> None:
    """Takes what there is out of the collector's sight: collecting would write to, and so copy, every page of it."""
    gc.collect()
    pad_heap()
    gc.freeze()


def named_in(sources: Iterable[str]) -> list[str]:
    """The modules on demand whose names occur in `sources`."""
    text = "\n".join(sources)  # one text: the host looks into each program, and each look costs
    return [name for name in ON_DEMAND if name in text]


class Demand:
    """Tells when enough programs of a server have named a module."""

    def __init__(self) -> None:
        self._programs = 0
        self._named: Counter[str] = Counter()
        self._taken_up: set[str] = set()

    def notice(self, names: Sequence[str]) -> list[str]:
        """Counts one program's names; those of modules to import now."""
        self._programs += 1
        if not names:
            return []
        self._named.update(names)
        enough = max(_FEW, _SHARE * self._programs)
        due = [name for name in names if name not in self._taken_up and self._named[name] >= enough]
        self._taken_up.update(due)
        return due
