"""Cuts the functions out of a source file: code, signature, documentation, each as its author wrote it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from datagen.code.documentation import has_doctest, is_licence, strip_comment, strip_string
from datagen.code.languages import LANGUAGES, SyntaxNames
from datagen.code.names import module_imports, other_names, python_names
from datagen.code.syntax import is_function, root, text_of, walk
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
    code = _from_column_0(data, outer, hole).strip("\n")
    body = node.child_by_field_name("body")
    # Decorators are not part of the head, the variable that a function is assigned to is.
    head_start = outer.start_byte if outer.type.endswith("_declaration") else node.start_byte
    head = _without_comments(data, outer, head_start, node.end_byte if body is None else body.start_byte, row)
    runnable = row.name == "python" and has_doctest(docstring)
    span = (0, 0)
    if runnable and len(data) == len(source):  # one byte a character
        span = (outer.start_byte, outer.end_byte)
    elif runnable:
        start = len(data[: outer.start_byte].decode())
        span = (start, start + len(data[outer.start_byte : outer.end_byte].decode()))
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
        span=span,
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
    documentation = "\n".join(reversed(lines)).strip()
    return "" if is_licence(documentation) else documentation


def _without_comments(data: bytes, outer: "Node", begin: int, end: int, row: SyntaxNames) -> str:
    """The text of a head; a line comment in it would swallow what follows once all stands in one line."""
    parts: list[bytes] = []
    head = data[begin:end]
    for node in walk(outer) if b"#" in head or b"/" in head else ():
        if node.type in row.comments and begin <= node.start_byte < end:
            parts.append(data[begin : node.start_byte])
            begin = node.end_byte
    return b"".join([*parts, data[begin:end]]).decode()


def _from_column_0(data: bytes, node: "Node", hole: tuple[int, int] | None) -> str:
    """The text of a node without the indentation of its first line; what stands inside of texts stays as it is."""
    line = data[data.rfind(b"\n", 0, node.start_byte) + 1 : node.start_byte]
    indentation = line if not line.strip() else b""
    begun_in_text = {
        row
        for each in walk(node)
        if "string" in each.type and each.start_point.row < each.end_point.row
        for row in range(each.start_point.row + 1, each.end_point.row + 1)
    }
    cut: list[tuple[int, int]] = []
    place = data.find(b"\n", node.start_byte, node.end_byte) + 1
    row = node.start_point.row + 1
    while 0 < place < node.end_byte:
        rest = data[place : place + len(indentation)]
        if row not in begun_in_text:
            # A comment at column 0 has less indentation to lose, and loses what it has.
            lost = len(rest) if rest == indentation else len(rest) - len(rest.lstrip(b" \t"))
            cut.append((place, place + lost))
        place = data.find(b"\n", place, node.end_byte) + 1
        row += 1
    if hole is None:
        return _text_between(data, node.start_byte, node.end_byte, cut)
    before = _text_between(data, node.start_byte, hole[0], cut)
    after = _text_between(data, hole[1], node.end_byte, cut).lstrip(" \t;")
    if not after.strip():
        return before + "pass"
    return before.rstrip(" \t") + after.lstrip("\n") if after.startswith("\n") else before + after


def _text_between(data: bytes, begin: int, end: int, cut: list[tuple[int, int]]) -> str:
    parts: list[bytes] = []
    for first, last in cut:
        if begin <= first and last <= end:
            parts.append(data[begin:first])
            begin = last
    return b"".join([*parts, data[begin:end]]).decode()
