"""Finds every place of a function where a fault of one of the six types can be planted, and plants some."""

import random
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from datagen.bugs.bug import HUMANEVALPACK_COUNTS, Bug, BugType, Edit
from datagen.bugs.logic import excess_logic, missing_logic
from datagen.bugs.misuse import function_misuse, operator_misuse, value_misuse, variable_misuse
from datagen.bugs.visible import is_visible
from datagen.code.syntax import function_tree, parses

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


def plant_bugs(
    code: str, language: str, generator: random.Random, at_most: int, visible_only: bool = False
) -> list[Bug]:
    """Up to `at_most` different faulty versions that still parse, of as many types as the function has places for.

    With `visible_only` those that can be found without tests. Types come by HumanEvalPack's weights, places at random;
    the same generator state gives the same faults.
    """
    tree = function_tree(code, language)
    if tree is None:
        return []
    function, head = tree
    data = code.encode()
    edits = {kind: list(finder(function, language)) for kind, finder in _FINDERS.items()}
    if visible_only:
        edits = {kind: [each for each in found if is_visible(each, kind, function)] for kind, found in edits.items()}
    bugs: list[Bug] = []
    seen = {_squeeze(code)}
    while len(bugs) < at_most:
        unused = {
            kind: places for kind, places in edits.items() if places and kind not in {bug.bug_type for bug in bugs}
        }
        # A type comes a second time only once every type that has a place was used.
        left = unused or {kind: places for kind, places in edits.items() if places}
        if not left:
            break
        kind = generator.choices(list(left), [HUMANEVALPACK_COUNTS[each] for each in left])[0]
        edit = edits[kind].pop(generator.randrange(len(edits[kind])))
        begin, end = edit.begin - head, edit.end - head
        faulty = (data[:begin] + edit.text + data[end:]).decode("utf-8", "replace")
        # Two places can give the same text, and a fault that changes spacing alone is none.
        # A comment alone does not fill a block, which tree-sitter lets pass.
        is_python = language != "python" or parses(faulty, language)
        if is_python and _squeeze(faulty) not in seen and function_tree(faulty, language) is not None:
            seen.add(_squeeze(faulty))
            bugs.append(Bug(kind, faulty, f"{_one_line(data[begin:end])} became {_one_line(edit.text)}"))
    return bugs


def possible_bugs(code: str, language: str) -> dict[BugType, int]:
    """How many places each type of fault has in a function."""
    tree = function_tree(code, language)
    return {kind: len(list(finder(tree[0], language))) if tree else 0 for kind, finder in _FINDERS.items()}


def _one_line(text: bytes) -> str:
    return " ".join(text.decode("utf-8", "replace").split())[:80] or "nothing"


def _squeeze(code: str) -> str:
    return "".join(code.split())
