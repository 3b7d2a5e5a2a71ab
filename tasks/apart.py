"""How a benchmark's tests are worded so that they can run apart from the candidate."""

import ast
import builtins
import sys
from functools import lru_cache

from sandbox.program import Apart

_KNOWN = frozenset(dir(builtins))


def keep_apart(candidate: str, helpers: str, tests: str, entry_point: str) -> Apart:
    """The tests with stand-ins for the entry point and whatever else of the candidate's they call.

    A module that only the candidate imports, yet the tests use, is imported for them too.
    """
    wanted = _names_wanted(helpers, tests)
    modules = _modules_among(wanted, tests) - {entry_point}
    imports = "".join(f"import {module}\n" for module in sorted(modules))
    names = sorted((wanted - modules) | {entry_point} - {""})
    return Apart(candidate, imports + helpers, tests, tuple(names))


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
