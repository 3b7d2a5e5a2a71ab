"""Which names a function takes from elsewhere: imported from the standard library, or unknown outside of its module."""

import ast
import builtins
import symtable
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from datagen.code.languages import LANGUAGES
from datagen.code.syntax import function_tree, text_of, walk

if TYPE_CHECKING:
    from tree_sitter import Node

_PROGRAMS = frozenset({"idlelib", "turtledemo", "lib2to3", "ensurepip", "antigravity", "this", "test"})
"""Parts of the standard library that are no library."""
_BUILT_IN = frozenset(dir(builtins))
_IDENTIFIERS = frozenset({"identifier", "type_identifier", "variable_name", "constant", "name"})
_MEMBER_FIELDS = frozenset({"field", "property", "attribute"})


@dataclass(frozen=True, slots=True)
class OutsideNames:
    """What a function needs besides its own text."""

    imports: tuple[str, ...] = ()
    """Import statements of the standard library."""
    unknown: tuple[str, ...] = ()
    """Names that nobody can know without its module."""


def module_imports(source: str) -> Mapping[str, str]:
    """The names that a Python module imports from the standard library at its top, each with its statement."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    found: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                if _is_public(alias.name):
                    found[alias.asname or alias.name.partition(".")[0]] = ast.unparse(ast.Import([alias]))
        elif isinstance(node, ast.ImportFrom) and not node.level and _is_public(node.module or ""):
            for alias in node.names:
                if alias.name != "*":
                    found[alias.asname or alias.name] = ast.unparse(ast.ImportFrom(node.module, [alias], 0))
    return found


def python_names(code: str, imports: Mapping[str, str]) -> OutsideNames:
    """What a Python function takes from its module."""
    try:
        table = symtable.symtable(code, "<function>", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return OutsideNames(unknown=("?",))
    needed: set[str] = set()
    own = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned()}
    pending = [table]
    while pending:
        scope = pending.pop()
        pending += scope.get_children()
        # At the top stand decorators, defaults and annotations.
        needed |= {
            symbol.get_name()
            for symbol in scope.get_symbols()
            # What a function gives a global name, only its module sees.
            if (symbol.is_referenced() and (symbol.is_global() or scope is table)) or symbol.is_declared_global()
        }
    needed -= own | _BUILT_IN
    return OutsideNames(
        tuple(sorted({imports[name] for name in needed if name in imports})),
        tuple(sorted(name for name in needed if name not in imports)),
    )


def other_names(code: str, language: str) -> OutsideNames:
    """The same of another language, by its syntax tree alone: whatever is not declared inside counts as unknown."""
    row = LANGUAGES[language]
    tree = function_tree(code, row.name)
    if tree is None:
        return OutsideNames(unknown=("?",))
    function = tree[0]
    declared: set[str] = set()
    used: set[str] = set()
    for node in walk(function):
        if node.type in _IDENTIFIERS and node.is_named:
            (declared if _declares(node, function) else used).add("" if _is_member(node) else text_of(node))
    unknown = used - declared - _known_names().get(language, frozenset()) - {""}
    return OutsideNames(unknown=tuple(sorted(unknown)))


@cache
def _known_names() -> Mapping[str, frozenset[str]]:
    table = tomllib.loads(files("datagen").joinpath("data/known_names.toml").read_text())
    return {language: frozenset(names.split()) for language, names in table.items()}


def _declares(node: "Node", function: "Node") -> bool:
    parent = node.parent
    if parent is None:
        return False
    field = _field(node)
    if parent == function:
        return field == "name"
    kind = parent.type
    if "parameter" in kind or "pattern" in kind:
        return field != "type"
    named = field in ("left", "name", "pattern", "declarator")
    return named and any(word in kind for word in ("declar", "let", "short_var", "range", "enhanced_for", "for_in"))


def _is_member(node: "Node") -> bool:
    """A name behind a dot: whose it is decides what it means."""
    parent = node.parent
    if parent is None:
        return False
    field = _field(node)
    has_object = parent.child_by_field_name("object") is not None
    return field in _MEMBER_FIELDS or (field == "name" and has_object)


def _field(node: "Node") -> str | None:
    parent = node.parent
    if parent is None:
        return None
    return next((parent.field_name_for_child(i) for i, child in enumerate(parent.children) if child == node), None)


def _is_public(module: str) -> bool:
    first = module.partition(".")[0]
    return first in sys.stdlib_module_names - _PROGRAMS and not any(part.startswith("_") for part in module.split("."))
