"""Places where a step of the logic can be left out, or one too many put in."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from datagen.bugs.bug import Edit
from datagen.bugs.misuse import body_nodes, replace_node
from datagen.bugs.tables import (
    ARITHMETIC_OPERATORS,
    BLOCKS,
    BOOLEAN_OPERATORS,
    INTEGERS,
    NEGATIONS,
    OPERATOR_NODES,
    STATEMENTS,
)
from datagen.code.syntax import text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_NOT = {"python": "not ({})"}
_NOT_ELSEWHERE = "!({})"


def missing_logic(function: "Node", language: str) -> Iterator[Edit]:  # noqa: ARG001 (the finders' shape)
    """Half of a condition, a constant term, a negation or a whole step left out."""
    for node in body_nodes(function):
        left, operator, right = _binary(node)
        if left is not None and right is not None:
            if operator in BOOLEAN_OPERATORS:
                yield replace_node(node, text_of(left))
                yield replace_node(node, text_of(right))
            elif operator in ("+", "-") and right.type in INTEGERS:
                yield replace_node(node, text_of(left))
        if node.type in NEGATIONS and text_of(node).startswith(("not", "!")) and node.named_children:
            yield replace_node(node, text_of(node.named_children[-1]))
        # A step alone in its block cannot go, nor can an `if` whose other branch would be left hanging.
        has_siblings = node.parent is not None and len(node.parent.named_children) > 1
        if _is_step(node) and has_siblings and node.child_by_field_name("alternative") is None:
            following = node.next_sibling
            end = following.end_byte if following is not None and following.type == ";" else node.end_byte
            yield Edit(node.start_byte, end, b"")


def excess_logic(function: "Node", language: str) -> Iterator[Edit]:
    """A negated condition, a term too many, or a step done twice."""
    for node in body_nodes(function):
        condition = node.child_by_field_name("condition")
        if condition is not None and condition.type not in NEGATIONS:
            inner = condition
            while inner.type in ("parenthesized_expression", "condition_clause") and len(inner.named_children) == 1:
                inner = inner.named_children[0]
            yield replace_node(inner, _NOT.get(language, _NOT_ELSEWHERE).format(text_of(inner)))
        _, operator, _ = _binary(node)
        if operator in ARITHMETIC_OPERATORS and not (node.parent is not None and _binary(node.parent)[0] is not None):
            yield replace_node(node, f"{text_of(node)} + 1")
            yield replace_node(node, f"{text_of(node)} - 1")
        if _is_step(node) and "assign" in (node.type + (node.named_children[0].type if node.named_children else "")):
            indentation = "\n" + " " * node.start_point.column
            text = text_of(node)
            yield Edit(node.end_byte, node.end_byte, f"{indentation}{text}".encode())


def _binary(node: "Node") -> "tuple[Node | None, str, Node | None]":
    if node.type not in OPERATOR_NODES or "assign" in node.type:
        return None, "", None
    operator = next((text_of(child) for child in node.children if not child.is_named), "")
    return node.child_by_field_name("left"), operator, node.child_by_field_name("right")


def _is_step(node: "Node") -> bool:
    return node.type in STATEMENTS and node.parent is not None and node.parent.type in BLOCKS
