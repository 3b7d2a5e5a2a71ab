"""Whether the text shows a planted fault: without tests nobody can guess which constant or which call is missing."""

from typing import TYPE_CHECKING

from datagen.bugs.bug import BugType, Edit
from datagen.bugs.tables import BOOLEAN_OPERATORS, BOOLEANS, NAMES
from datagen.code.syntax import text_of, walk

if TYPE_CHECKING:
    from tree_sitter import Node


def is_visible(edit: Edit, bug_type: BugType, function: "Node") -> bool:
    """Of values those whose use tells them, of steps left out those that a later one needs, no half condition."""
    if bug_type is BugType.VALUE_MISUSE:
        return _is_told_by_its_use(edit, function)
    if bug_type is BugType.MISSING_LOGIC and not edit.text:
        return _is_needed_later(edit, function)
    if bug_type is BugType.MISSING_LOGIC:
        node = function.descendant_for_byte_range(edit.begin, edit.end)
        return node is None or not any(text_of(child) in BOOLEAN_OPERATORS for child in node.children)
    return True


def _is_told_by_its_use(edit: Edit, function: "Node") -> bool:
    """A truth value that is returned or named, a number that picks an item."""
    node = function.descendant_for_byte_range(edit.begin, edit.end)
    if node is None:
        return False
    parent = node.parent
    if node.type in BOOLEANS:
        if parent is not None and parent.type == "expression_list":  # Go
            parent = parent.parent
        return parent is not None and any(word in parent.type for word in ("return", "assign", "declar"))
    while parent is not None and parent != function:
        if any(word in parent.type for word in ("subscript", "slice", "index_expression", "array_access", "element_")):
            return True
        # An argument of a call inside of the brackets is the call's.
        if "argument" in parent.type or "lambda" in parent.type or "statement" in parent.type:
            return False
        parent = parent.parent
    return False


def _is_needed_later(edit: Edit, function: "Node") -> bool:
    """Whether the step gave a name its only value, out of names that stand elsewhere too, and later steps use it."""
    names = [node for node in walk(function) if node.type in NAMES]
    inside = [node for node in names if edit.begin <= node.start_byte < edit.end]
    outside = [node for node in names if node not in inside]
    given = {text_of(node) for node in inside if _is_given(node)}
    if not {text_of(node) for node in inside} - given <= {text_of(node) for node in outside}:
        return False
    for name in given:
        uses = [node for node in outside if text_of(node) == name]
        if uses and all(node.start_byte >= edit.end and not _is_given(node) for node in uses):
            return True
    return False


def _is_given(node: "Node") -> bool:
    parent = node.parent
    while parent is not None and any(word in parent.type for word in ("pattern", "tuple", "expression_list")):
        node, parent = parent, parent.parent
    if parent is None:
        return False
    field = next((parent.field_name_for_child(i) for i, child in enumerate(parent.children) if child == node), None)
    is_assignment = any(word in parent.type for word in ("assign", "declar", "let"))
    return is_assignment and field in ("left", "name", "pattern", "declarator")
