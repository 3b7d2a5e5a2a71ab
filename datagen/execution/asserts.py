"""Counts the asserts of a teacher's tests where they run: a test that is never called has shown nothing."""

import ast
from dataclasses import dataclass

_COUNT = "_asserts_that_held"


@dataclass(frozen=True, slots=True)
class CountedTests:
    """A teacher's tests in two forms."""

    asserts: int
    """How many the text holds; 0 where it is no Python, or holds none, such as "N/A", a comment or a print."""
    plain: str
    """The tests; functions without arguments that are named as tests, and that nothing calls, are called."""
    counted: str
    """The same, ending in an error unless at least one assert ran and held."""


def count_asserts(tests: str) -> CountedTests:
    """Reads the tests that a teacher wrote for its own solution."""
    try:
        tree = ast.parse(tests)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return CountedTests(0, tests, tests)
    named = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    calls = [
        f"{node.name}()"
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith("test")
        and node.name not in named
        and not any((node.args.posonlyargs, node.args.args, node.args.kwonlyargs))
    ]
    plain = "\n".join([tests, *calls])
    counter = _AssertCounter()
    counted = ast.unparse(ast.fix_missing_locations(counter.visit(tree)))
    return CountedTests(counter.asserts, plain, "\n".join([f"{_COUNT} = []", counted, *calls, f"assert {_COUNT}"]))


class _AssertCounter(ast.NodeTransformer):
    """Puts a count behind each assert."""

    def __init__(self) -> None:
        self.asserts = 0

    def visit_Assert(self, node: ast.Assert) -> list[ast.stmt]:
        self.asserts += 1
        return [node, ast.parse(f"{_COUNT}.append(1)").body[0]]
