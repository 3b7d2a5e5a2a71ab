"""Splits a benchmark's tests from the candidate, so that both run in processes of their own."""

import ast
import builtins
import re
import sys
from functools import lru_cache

from sandbox.program import SplitTests

_KNOWN = frozenset(dir(builtins))


def split_tests(candidate: str, helpers: str, tests: str, entry_point: str) -> SplitTests:
    """The tests with proxies for the entry point and whatever else of the candidate's they call.

    A module that only the candidate imports, yet the tests use, is imported for them too.
    """
    wanted = _names_wanted(helpers, tests)
    modules = _modules_among(wanted, tests) - {entry_point}
    imports = "".join(f"import {module}\n" for module in sorted(modules))
    names = sorted((wanted - modules) | {entry_point} - {""})
    replaced = tuple(
        name
        for name, text in _helpers_used(helpers, tests)
        if name != entry_point and _binding(name).search(candidate.replace(text, ""))
    )
    return SplitTests(_closed(candidate, tests), imports + helpers, tests, tuple(names), replaced)


def _closed(candidate: str, tests: str) -> str:
    """The candidate, with a definition in place of the tests' first line where it ends in what takes that line.

    A stray backslash or a bare decorator passes beside the tests, and could not be loaded without them.
    """
    lines = candidate.rstrip().rsplit("\n", 1)
    if not lines[-1].endswith("\\") and not lines[-1].startswith("@"):
        return candidate
    blank_lines = "\n" * (len(tests) - len(tests.lstrip("\n")))
    return f"{candidate}\n{blank_lines}def _first_line_of_tests(*_): pass\n"


@lru_cache(maxsize=2048)
def _helpers_used(helpers: str, tests: str) -> tuple[tuple[str, str], ...]:
    """Name and text of the helpers' own functions, classes and values that the tests use."""
    wanted = _used(ast.parse(tests)) - _defined(ast.parse(tests))
    return tuple(
        (name, ast.get_source_segment(helpers, node) or "")
        for node in ast.parse(helpers).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Assign)
        for name in sorted(_bound_by(node) & wanted)
    )


def _bound_by(statement: ast.FunctionDef | ast.ClassDef | ast.Assign) -> frozenset[str]:
    """The names that the statement itself binds."""
    if isinstance(statement, ast.Assign):
        return frozenset(target.id for target in statement.targets if isinstance(target, ast.Name))
    return frozenset({statement.name})


@lru_cache(maxsize=2048)
def _binding(name: str) -> re.Pattern[str]:
    """Finds where a line gives the name another meaning; takes time that grows with the text's length alone."""
    defined, assigned = rf"(?:async[ \t]+)?(?:def|class)[ \t]+{name}\b", rf"{name}[ \t]*+(?::[^=\n]*+)?=(?!=)"
    return re.compile(rf"^[ \t]*+(?:{defined}|{assigned})|\bas[ \t]+{name}\b", re.MULTILINE)


@lru_cache(maxsize=2048)
def _names_wanted(helpers: str, tests: str) -> frozenset[str]:
    """Names that the tests use and neither they nor `helpers` define. All samples of one problem share them."""
    return _used(ast.parse(tests)) - _defined(ast.parse(tests)) - _defined(ast.parse(helpers)) - _KNOWN


@lru_cache(maxsize=2048)
def _modules_among(names: frozenset[str], tests: str) -> frozenset[str]:
    """Names of standard modules that the tests use for their attributes only."""
    called = {
        node.func.id
        for node in ast.walk(ast.parse(tests))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    return (names & sys.stdlib_module_names) - called


def _used(tree: ast.AST) -> frozenset[str]:
    return frozenset(
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    )


def _defined(tree: ast.AST) -> frozenset[str]:
    """Every name bound anywhere in the tree: enough for test code, which binds no name of the candidate's."""
    names: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                names.add(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.ExceptHandler(name=str(name)):
                names.add(name)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                names.update((alias.asname or alias.name).split(".")[0] for alias in aliases)
            case _:
                pass
    return frozenset(names)
