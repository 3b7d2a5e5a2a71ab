"""Finds every place of a function where a fault of one of the six types can be planted, and plants some."""

import random
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from datagen.bugs.bug import HUMANEVALPACK_COUNTS, Bug, BugType, Edit
from datagen.bugs.logic import excess_logic, missing_logic
from datagen.bugs.misuse import function_misuse, operator_misuse, value_misuse, variable_misuse
from datagen.code.syntax import function_tree

if TYPE_CHECKING:
    from tree_sitter import Node

_FINDERS: dict[BugType, "Callable[[Node, str], Iterator[Edit]]"] = {
    BugType.VALUE_MISUSE: value_misuse,
    BugType.MISSING_LOGIC: missing_logic,
    BugType.EXCESS_LOGIC: excess_logic,
    BugType.OPERATOR_MISUSE: operator_misuse,
    BugType.VARIABLE_MISUSE: variable_misuse,
    BugType.FUNCTION_MISUSE: function_misuse,
}


def plant_bugs(code: str, language: str, generator: random.Random, at_most: int) -> list[Bug]:
    """Up to `at_most` different faulty versions that still parse, of as many types as the function has places for.

    Types come by HumanEvalPack's weights, places at random; the same generator state gives the same faults.
    """
    tree = function_tree(code, language)
    if tree is None:
        return []
    function, head = tree
    edits = {kind: list(finder(function, language)) for kind, finder in _FINDERS.items()}
    bugs: list[Bug] = []
    seen = {_squeeze(code)}
    while len(bugs) < at_most:
        unused = {
            kind: places for kind, places in edits.items() if places and kind not in {bug.bug_type for bug in bugs}
        }
        drawn = _draw(unused or edits, generator)
        if drawn is None:
            break
        kind, edit = drawn
        bug = _apply(code, Edit(edit.begin - head, edit.end - head, edit.text), kind)
        if _squeeze(bug.code) not in seen and function_tree(bug.code, language) is not None:
            seen.add(_squeeze(bug.code))
            bugs.append(bug)
    return bugs


def possible_bugs(code: str, language: str) -> dict[BugType, int]:
    """How many places each type of fault has in a function."""
    tree = function_tree(code, language)
    return {kind: len(list(finder(tree[0], language))) if tree else 0 for kind, finder in _FINDERS.items()}


def _draw(edits: dict[BugType, list[Edit]], generator: random.Random) -> tuple[BugType, Edit] | None:
    kinds = [kind for kind, places in edits.items() if places]
    if not kinds:
        return None
    kind = generator.choices(kinds, [HUMANEVALPACK_COUNTS[kind] for kind in kinds])[0]
    return kind, edits[kind].pop(generator.randrange(len(edits[kind])))


def _apply(code: str, edit: Edit, kind: BugType) -> Bug:
    data = code.encode()
    faulty = (data[: edit.begin] + edit.text + data[edit.end :]).decode("utf-8", "replace")
    before = data[edit.begin : edit.end].decode("utf-8", "replace").strip() or "nothing"
    after = edit.text.decode("utf-8", "replace").strip() or "nothing"
    return Bug(kind, faulty, f"{_one_line(before)} became {_one_line(after)}")


def _one_line(text: str) -> str:
    return " ".join(text.split())[:80]


def _squeeze(code: str) -> str:
    return "".join(code.split())
