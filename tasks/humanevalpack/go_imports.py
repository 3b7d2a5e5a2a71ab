"""Go refuses a program that imports a package twice or does not use it: one import block is made of them all."""

import re
from collections.abc import Iterable, Iterator

from tree_sitter import Node

from tasks.extraction.outline import Outline, node_text, outlined, walk
from tasks.humanevalpack.restore import without

_VERSION = re.compile(r"v\d+$")
_ALWAYS_KEPT = ("_", ".")


def merged(setup: str, code: str, test: str, packages: Iterable[str]) -> str:
    """Code and test behind one package clause and one block of what either imports and uses.

    Packages of `packages` are imported too where they are used and no variable has their name.
    """
    outline = outlined(code, "go")
    body = f"{_without_head(code)}\n{test}"
    whole = outlined(body, "go")
    used, declared = set(_operands(whole)), set(_declared(whole))
    specs = {**_specs(outlined(setup, "go")), **_specs(outline)}
    offered = {_local_name(path): f'"{path}"' for path in packages if _local_name(path) not in declared}
    wanted = {**offered, **specs}
    lines = [f"    {spec}" for name, spec in wanted.items() if name in used or name in _ALWAYS_KEPT]
    return "\n".join(["package main", "", "import (", *lines, ")", "", body])


def _without_head(code: str) -> str:
    return without(code, "go", lambda item: item.kind in ("package_clause", "import_declaration"))


def _specs(outline: Outline) -> dict[str, str]:
    """Import specs by the name under which they are used."""
    specs: dict[str, str] = {}
    for node in walk(outline.root):
        if node.type == "import_spec":
            alias, path = node.child_by_field_name("name"), node.child_by_field_name("path")
            name = node_text(alias) if alias else _local_name(node_text(path).strip('"`') if path else "")
            specs[name] = node_text(node)
    return specs


def _local_name(path: str) -> str:
    names = path.split("/")
    return names[-2] if len(names) > 1 and _VERSION.match(names[-1]) else names[-1]


def _operands(outline: Outline) -> Iterator[str]:
    """What stands before a dot."""
    for node in walk(outline.root):
        field = {"selector_expression": "operand", "qualified_type": "package"}.get(node.type)
        child = node.child_by_field_name(field) if field else None
        if child is not None and child.type in ("identifier", "package_identifier"):
            yield node_text(child)


def _declared(outline: Outline) -> Iterator[str]:
    """Names of variables, parameters and functions."""
    for node in walk(outline.root):
        match node.type:
            case "short_var_declaration" | "range_clause":
                left = node.child_by_field_name("left")
                yield from _identifiers(left) if left else ()
            case "var_spec" | "const_spec" | "parameter_declaration" | "function_declaration":
                yield from (node_text(child) for child in node.children_by_field_name("name"))
            case _:
                pass


def _identifiers(node: Node) -> Iterator[str]:
    return (node_text(each) for each in walk(node) if each.type == "identifier")
