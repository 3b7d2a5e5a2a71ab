"""Cuts the functions out of a source file: code, signature, documentation, each as its author wrote it."""

import textwrap
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from datagen.code.documentation import has_doctest, strip_comment, strip_string
from datagen.code.languages import LANGUAGES, SyntaxNames
from datagen.code.names import module_imports, other_names, python_names
from datagen.code.syntax import is_function, root, text_of
from datagen.rows.raw_function import Origin, RawFunction, function_id

if TYPE_CHECKING:
    from tree_sitter import Node

_TYPE_NODES = ("class", "impl", "trait", "struct", "interface", "object")
MAX_FILE_BYTES = 2_000_000
"""Larger files are data or generated; they are counted, not read."""


def cut_functions(source: str, language: str, origin: Origin) -> Iterator[RawFunction]:
    """Every function and method of a file, in source order; a file's broken parts are skipped."""
    row = LANGUAGES[language]
    data = source.encode()
    imports = module_imports(source) if row.name == "python" else None
    pending: list[tuple[Node, bool]] = [(root(data, language), False)]
    while pending:
        node, in_type = pending.pop()
        if is_function(node, row):
            # Without a body it is a declaration: there is nothing to learn from it.
            if not node.has_error and node.child_by_field_name("body") is not None:
                function = _raw_function(node, row, source, data, origin, in_type)
                is_other = imports is None
                names = other_names(function.code, row.name) if is_other else python_names(function.code, imports)
                yield replace(function, imports=names.imports, unknown=names.unknown)
            continue  # functions inside functions belong to the outer one
        in_type = in_type or any(word in node.type for word in _TYPE_NODES)
        pending.extend((child, in_type) for child in reversed(node.children))


def _name(node: "Node") -> str:
    holder = node.parent if node.parent is not None and node.parent.type == "variable_declarator" else node
    name = holder.child_by_field_name("name")
    if name is not None:
        return text_of(name)
    declarator = node.child_by_field_name("declarator")
    while declarator is not None:
        inner = declarator.child_by_field_name("declarator")
        if inner is None:
            return text_of(declarator)
        declarator = inner
    return ""


def _raw_function(
    node: "Node", row: SyntaxNames, source: str, data: bytes, origin: Origin, is_method: bool
) -> RawFunction:
    outer = node
    while outer.parent is not None and outer.parent.type in row.wrappers:
        outer = outer.parent
    # Only Python's documentation stands inside the function, so only there it leaves a hole.
    docstring, hole = _python_docstring(node) if row.name == "python" else (_comment_above(outer, row), None)
    # To column 0: the first line was cut where the function starts, the others still carry the indentation.
    line = data[data.rfind(b"\n", 0, outer.start_byte) + 1 : outer.start_byte].decode()
    code = textwrap.dedent((line if not line.strip() else "") + _text_without(data, outer, hole)).strip("\n")
    start = len(data[: outer.start_byte].decode())
    end = start + len(data[outer.start_byte : outer.end_byte].decode())
    body = node.child_by_field_name("body")
    # Decorators are not part of the head, the variable that a function is assigned to is.
    head_start = outer.start_byte if outer.type.endswith("_declaration") else node.start_byte
    head = data[head_start : node.end_byte if body is None else body.start_byte].decode()
    runnable = row.name == "python" and has_doctest(docstring)
    return RawFunction(
        function_id=function_id(row.name, code),
        language=row.name,
        name=_name(node),
        code=code,
        signature=" ".join(head.split()).removesuffix("{").rstrip(),
        docstring=docstring,
        origin=origin,
        is_method=is_method,
        module=source if runnable else "",
        span=(start, end) if runnable else (0, 0),
    )


def _python_docstring(node: "Node") -> tuple[str, tuple[int, int] | None]:
    body = node.child_by_field_name("body")
    first = next((child for child in body.named_children if child.type != "comment"), None) if body else None
    literal = (
        first.named_children[0] if first and first.type == "expression_statement" and first.named_children else None
    )
    if first is None or literal is None or literal.type != "string" or len(first.named_children) != 1:
        return "", None
    return strip_string(text_of(literal)), (first.start_byte, first.end_byte)


def _comment_above(node: "Node", row: SyntaxNames) -> str:
    lines: list[str] = []
    below = node
    # For the first node in a body, what stands above it stands before the body (Ruby).
    outer: Node | None = node
    above: Node | None = None
    while above is None and outer is not None and outer.start_byte == node.start_byte:
        above, outer = outer.prev_sibling, outer.parent
    while above is not None and above.type in row.prefixes | row.comments:
        # Rust's line comments end on the next line's column 0.
        ends_at = above.end_point.row - (1 if above.end_point.column == 0 else 0)
        before = above.prev_sibling
        # A comment behind code on the same line belongs to that code.
        trails = before is not None and before.end_point.row == above.start_point.row and before.end_point.column > 0
        if below.start_point.row - ends_at > 1 or trails:
            break
        if above.type in row.comments:
            lines.append(strip_comment(text_of(above)))
        below, above = above, above.prev_sibling
    return "\n".join(reversed(lines)).strip()


def _text_without(data: bytes, node: "Node", hole: tuple[int, int] | None) -> str:
    if hole is None:
        return data[node.start_byte : node.end_byte].decode()
    before = data[node.start_byte : hole[0]].decode()
    after = data[hole[1] : node.end_byte].decode().lstrip(" \t;")
    if not after.strip():
        return before + "pass"
    return before.rstrip(" \t") + after.lstrip("\n") if after.startswith("\n") else before + after
