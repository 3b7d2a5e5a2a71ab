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
    last_line = candidate.rstrip().rsplit("\n", 1)[-1]
    if last_line.endswith("\\") or last_line.startswith("@"):
        # It takes the tests' first line, passes beside them, and could not be loaded without: it gets a line of ours.
        blank_lines = "\n" * (len(tests) - len(tests.lstrip("\n")))
        candidate = f"{candidate}\n{blank_lines}def _first_line_of_tests(*_): pass\n"
    return SplitTests(candidate, imports + helpers, tests, tuple(names), replaced)


@lru_cache(maxsize=2048)
def _helpers_used(helpers: str, tests: str) -> tuple[tuple[str, str], ...]:
    """Name and text of the helpers' own functions, classes and values that the tests use."""
    wanted = _used(ast.parse(tests)) - _defined(ast.parse(tests))
    found: list[tuple[str, str]] = []
    for node in ast.parse(helpers).body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                bound = {name}
            case ast.Assign(targets=targets):
                bound = {target.id for target in targets if isinstance(target, ast.Name)}
            case _:
                continue
        found += ((name, ast.get_source_segment(helpers, node) or "") for name in sorted(bound & wanted))
    return tuple(found)


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
