"""Splits a benchmark's tests from the candidate, so that both run in processes of their own."""

import ast
import builtins
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from sandbox.program import SplitTests

_KNOWN = frozenset(dir(builtins))


def split_tests(candidate: str, helpers: str, tests: str, entry_point: str) -> SplitTests:
    """The tests with proxies for the entry point and whatever else of the candidate's they call.

    A module that only the candidate imports, yet the tests use, is imported for them too.
    """
    needs = _needs_of(helpers, tests)
    modules = needs.modules - {entry_point}
    imports = "".join(f"import {module}\n" for module in sorted(modules))
    names = sorted((needs.names - modules) | {entry_point} - {""})
    replaced = tuple(
        name
        for name, text in needs.helpers
        if name != entry_point and _binding(name).search(candidate.replace(text, ""))
    )
    last_line = candidate.rstrip().rsplit("\n", 1)[-1]
    if last_line.endswith("\\") or last_line.startswith("@"):
        # It takes the tests' first line, passes beside them, and could not be loaded without: it gets a line of ours.
        blank_lines = "\n" * (len(tests) - len(tests.lstrip("\n")))
        candidate = f"{candidate}\n{blank_lines}def _first_line_of_tests(*_): pass\n"
    return SplitTests(candidate, imports + helpers, tests, tuple(names), replaced)


@dataclass(frozen=True, slots=True)
class _Needs:
    """What tests use and do not bring themselves."""

    names: frozenset[str]
    """What neither they nor the helpers define."""
    modules: frozenset[str]
    """Those of `names` that are standard modules, which the tests use for their attributes only."""
    helpers: tuple[tuple[str, str], ...]
    """Name and text of the helpers' own functions, classes and values that the tests use."""


@lru_cache(maxsize=2048)
def _needs_of(helpers: str, tests: str) -> _Needs:
    """All samples of one problem share them."""
    used: set[str] = set()
    called: set[str] = set()
    nodes = list(ast.walk(ast.parse(tests)))
    for node in nodes:
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                used.add(name)
            case ast.Call(func=ast.Name(id=name)):
                called.add(name)
            case _:
                pass
    wanted = used - _defined(nodes)
    helper_tree = ast.parse(helpers)
    names = frozenset(wanted - _defined(ast.walk(helper_tree)) - _KNOWN)
    found: list[tuple[str, str]] = []
    for node in helper_tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                bound = {name}
            case ast.Assign(targets=targets):
                bound = {target.id for target in targets if isinstance(target, ast.Name)}
            case _:
                continue
        found += ((name, ast.get_source_segment(helpers, node) or "") for name in sorted(bound & wanted))
    return _Needs(names, (names & sys.stdlib_module_names) - called, tuple(found))


@lru_cache(maxsize=2048)
def _binding(name: str) -> re.Pattern[str]:
    """Finds where a line gives the name another meaning; takes time that grows with the text's length alone."""
    defined, assigned = rf"(?:async[ \t]+)?(?:def|class)[ \t]+{name}\b", rf"{name}[ \t]*+(?::[^=\n]*+)?=(?!=)"
    return re.compile(rf"^[ \t]*+(?:{defined}|{assigned})|\bas[ \t]+{name}\b", re.MULTILINE)


def _defined(nodes: Iterable[ast.AST]) -> set[str]:
    """Every name that one of the nodes binds: enough for test code, which binds no name of the candidate's."""
    names: set[str] = set()
    for node in nodes:
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                names.add(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.ExceptHandler(name=str(name)):
                names.add(name)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                names.update((alias.asname or alias.name).split(".")[0] for alias in aliases)
            case _:
                pass
    return names
