"""Places where a value, an operator, a variable or a function can be taken for another."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from datagen.bugs.bug import Edit
from datagen.bugs.tables import (
    BOOLEANS,
    CALLED_NAMES,
    FUNCTIONS,
    INTEGERS,
    NAMES,
    NOT_VALUES,
    OPERATOR_NODES,
    OPERATORS,
    OPPOSITES,
    RECEIVERS,
)
from datagen.code.syntax import text_of, walk

if TYPE_CHECKING:
    from tree_sitter import Node


def body_nodes(function: "Node") -> "Iterator[Node]":
    """Every node of the function's body."""
    body = function.child_by_field_name("body")
    return walk(body) if body is not None else iter(())


def replace_node(node: "Node", text: str) -> Edit:
    """The edit that puts `text` in the place of a node."""
    return Edit(node.start_byte, node.end_byte, text.encode())


def value_misuse(function: "Node", language: str) -> Iterator[Edit]:  # noqa: ARG001 (the finders' shape)
    """Small integers off by one, 0 and 1 exchanged, truth values turned."""
    for node in body_nodes(function):
        text = text_of(node)
        if node.type in INTEGERS and text.isdecimal() and len(text) <= 4:
            yield replace_node(node, str(int(text) + 1))
            if int(text) > 0:
                yield replace_node(node, str(int(text) - 1))
        elif node.type in BOOLEANS and node.is_named and text in OPPOSITES:
            yield replace_node(node, OPPOSITES[text])


def operator_misuse(function: "Node", language: str) -> Iterator[Edit]:  # noqa: ARG001
    """Operators exchanged for one of the same kind."""
    for node in body_nodes(function):
        if node.type not in OPERATOR_NODES:
            continue
        for child in node.children:
            if not child.is_named:
                for other in OPERATORS.get(text_of(child), ()):
                    yield replace_node(child, other)


def variable_misuse(function: "Node", language: str) -> Iterator[Edit]:  # noqa: ARG001
    """Uses of a variable exchanged for another parameter or local of the same function."""
    names = sorted(_own_names(function) - RECEIVERS)
    for node in body_nodes(function):
        if node.type in NAMES and text_of(node) in names and _is_use(node):
            for other in names:
                if other != text_of(node):
                    yield replace_node(node, other)


def function_misuse(function: "Node", language: str) -> Iterator[Edit]:  # noqa: ARG001
    """Calls exchanged for a call of a sibling, such as min for max."""
    for node in body_nodes(function):
        if node.type in CALLED_NAMES and _is_called(node):
            for other in FUNCTIONS.get(text_of(node), ()):
                yield replace_node(node, other)


def _own_names(function: "Node") -> set[str]:
    """Parameters and assigned locals."""
    names: set[str] = set()
    for node in walk(function):
        parent = node.parent
        if node.type not in NAMES or parent is None or _field(node) == "type":
            continue
        is_parameter = "parameter" in parent.type and parent.type != "type_parameters"
        is_assigned = _field(node) in ("left", "name", "pattern", "declarator") and (
            "assign" in parent.type or "declar" in parent.type or "let" in parent.type
        )
        if (is_parameter or is_assigned) and parent is not function:
            names.add(text_of(node))
    return names


def _is_use(node: "Node") -> bool:
    parent = node.parent
    if parent is None or _field(node) in NOT_VALUES or _is_called(node):
        return False
    if "parameter" in parent.type or "keyword" in parent.type or "declarator" in parent.type:
        # An initial value is a use; the declared name is not.
        return _field(node) == "value"
    return not (_field(node) in ("left", "pattern") and "assign" in parent.type and "augmented" not in parent.type)


def _is_called(node: "Node") -> bool:
    following = node.next_sibling or (node.parent.next_sibling if node.parent is not None else None)
    return following is not None and text_of(following).startswith("(") and node.end_byte == following.start_byte


def _field(node: "Node") -> str | None:
    parent = node.parent
    if parent is None:
        return None
    for index, child in enumerate(parent.children):
        if child == node:
            return parent.field_name_for_child(index)
    return None
