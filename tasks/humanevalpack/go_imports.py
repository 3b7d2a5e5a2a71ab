"""Go refuses a program that imports a package twice or does not use it: one import block is made of them all."""

import re
from collections.abc import Iterable

from tasks.extraction.outline import Outline, outlined
from tasks.extraction.tree import walk
from tasks.humanevalpack.restore import without

_VERSION = re.compile(r"v\d+$")
_ALWAYS_KEPT = ("_", ".")
_BEFORE_A_DOT = {"selector_expression": "operand", "qualified_type": "package"}
_WITH_A_LEFT_SIDE = ("short_var_declaration", "range_clause")
_WITH_NAMES = ("var_spec", "const_spec", "parameter_declaration", "function_declaration")


def merged(setup: str, code: str, test: str, packages: Iterable[str]) -> str:
    """Code and test behind one package clause and one block of what either imports and uses.

    Packages of `packages` are imported too where they are used and no variable has their name.
    """
    outline = outlined(code, "go")
    headless = without(code, "go", lambda item: item.kind in ("package_clause", "import_declaration"))
    body = f"{headless}\n{test}"
    whole = outlined(body, "go")
    used, declared = _operands_and_declared(whole)
    specs = {**_specs(outlined(setup, "go")), **_specs(outline)}
    offered = {_local_name(path): f'"{path}"' for path in packages if _local_name(path) not in declared}
    wanted = {**offered, **specs}
    lines = [f"    {spec}" for name, spec in wanted.items() if name in used or name in _ALWAYS_KEPT]
    return "\n".join(["package main", "", "import (", *lines, ")", "", body])


def _specs(outline: Outline) -> dict[str, str]:
    """Import specs by the name under which they are used."""
    specs: dict[str, str] = {}
    for node in walk(outline.root):
        if node.type == "import_spec":
            alias, path = node.child_by_field_name("name"), node.child_by_field_name("path")
            name = outline.text_of(alias) if alias else _local_name(outline.text_of(path).strip('"`') if path else "")
            specs[name] = outline.text_of(node)
    return specs


def _local_name(path: str) -> str:
    names = path.split("/")
    return names[-2] if len(names) > 1 and _VERSION.match(names[-1]) else names[-1]


def _operands_and_declared(outline: Outline) -> tuple[set[str], set[str]]:
    """What stands before a dot; the names of variables, parameters and functions."""
    operands: set[str] = set()
    declared: set[str] = set()
    for node in walk(outline.root):
        kind = node.type
        if kind in _BEFORE_A_DOT:
            child = node.child_by_field_name(_BEFORE_A_DOT[kind])
            if child is not None and child.type in ("identifier", "package_identifier"):
                operands.add(outline.text_of(child))
        elif kind in _WITH_A_LEFT_SIDE:
            left = node.child_by_field_name("left")
            inside = walk(left) if left else ()
            declared.update(outline.text_of(each) for each in inside if each.type == "identifier")
        elif kind in _WITH_NAMES:
            declared.update(outline.text_of(child) for child in node.children_by_field_name("name"))
    return operands, declared
