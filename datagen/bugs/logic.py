"""Places where a step of the logic can be left out, or one too many put in."""

import re
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
from datagen.code.syntax import text_of, walk

if TYPE_CHECKING:
    from tree_sitter import Node

_COMPOUND = re.compile(r"(?:[-+*/%|&^]|<<|>>|\*\*|//)=(?!=)")
_NOT = {"python": "not ({})"}
_NOT_ELSEWHERE = "!({})"
_SIMPLE = frozenset(
    {"identifier", "call", "attribute", "subscript", "call_expression", "method_invocation", "member_expression"}
    | {"field_access", "selector_expression", "function_call_expression", "variable_name", "invocation_expression"}
)
"""Nodes that a negation binds to as they stand."""
_COLLECTIONS = frozenset({"tuple", "list", "dictionary", "set", "list_comprehension", "array", "array_initializer"})


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
            yield _cut_step(node)


def excess_logic(function: "Node", language: str) -> Iterator[Edit]:
    """A negated condition, a term too many, or a step done twice."""
    for node in body_nodes(function):
        condition = node.child_by_field_name("condition")
        if condition is not None and condition.type not in NEGATIONS:
            inner = condition
            while inner.type in ("parenthesized_expression", "condition_clause") and len(inner.named_children) == 1:
                inner = inner.named_children[0]
            # Brackets only where they are needed: superfluous ones would show the place.
            simple = inner.type in _SIMPLE or (language == "python" and inner.type == "comparison_operator")
            pattern = _NOT.get(language, _NOT_ELSEWHERE)
            yield replace_node(
                inner, (pattern.replace("(", "").replace(")", "") if simple else pattern).format(text_of(inner))
            )
        _, operator, _ = _binary(node)
        is_outer = node.parent is None or _binary(node.parent)[0] is None
        # A number added to a text or a tuple is no bug that anybody writes.
        is_number = not any(each.type in _COLLECTIONS for each in walk(node))
        if operator in ARITHMETIC_OPERATORS and is_outer and is_number and not set("'\"`") & set(text_of(node)):
            yield replace_node(node, f"{text_of(node)} + 1")
            yield replace_node(node, f"{text_of(node)} - 1")
        # Only what adds to a value: a plain assignment done twice changes nothing.
        if _is_step(node) and _COMPOUND.search(text_of(node).split("\n")[0]):
            indentation = "\n" + " " * node.start_point.column
            text = text_of(node)
            yield Edit(node.end_byte, node.end_byte, f"{indentation}{text}".encode())


def _cut_step(node: "Node") -> Edit:
    """Takes a step out with its whole lines, where nothing else stands on them, so that no gap shows the place."""
    following = node.next_sibling
    end = following.end_byte if following is not None and following.type == ";" else node.end_byte
    outer = node
    while outer.parent is not None:
        outer = outer.parent
    source = outer.text or b""
    begin = source.rfind(b"\n", 0, node.start_byte)
    line_end = source.find(b"\n", end)
    line_end = len(source) if line_end < 0 else line_end
    if begin < 0 or source[begin : node.start_byte].strip() or source[end:line_end].strip():
        return Edit(node.start_byte, end, b"")
    # Of the empty lines around it one goes too.
    above = source.rfind(b"\n", 0, begin)
    below = source.find(b"\n", line_end + 1)
    if above >= 0 and not source[above:begin].strip() and below >= 0 and not source[line_end:below].strip():
        begin = above
    return Edit(begin, line_end, b"")


def _binary(node: "Node") -> "tuple[Node | None, str, Node | None]":
    if node.type not in OPERATOR_NODES or "assign" in node.type:
        return None, "", None
    operator = next((text_of(child) for child in node.children if not child.is_named), "")
    return node.child_by_field_name("left"), operator, node.child_by_field_name("right")


def _is_step(node: "Node") -> bool:
    return node.type in STATEMENTS and node.parent is not None and node.parent.type in BLOCKS
