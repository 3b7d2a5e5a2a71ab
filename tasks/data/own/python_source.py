"""What can be said of Python source without running it."""

import ast
import warnings
from collections.abc import Iterator

from tasks.data.fault import Flaw


def compile_error(source: str) -> str:
    """Why Python refuses the source, as `SyntaxError: invalid syntax (line 2)`; empty when it does not."""
    try:
        with warnings.catch_warnings(action="ignore"):
            compile(source, "<row>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError) as error:
        place = f" (line {error.lineno})" if isinstance(error, SyntaxError) and error.lineno else ""
        return f"{type(error).__name__}: {error.msg if isinstance(error, SyntaxError) else error}{place}"
    return ""


def parse(source: str) -> ast.Module:
    """The tree of a source that `compile_error` accepts."""
    with warnings.catch_warnings(action="ignore"):
        return ast.parse(source)


def module_statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """The statements of a module's own scope: those under `if`, `try`, `with` and loops, but none inside functions."""
    waiting: list[ast.stmt] = [*tree.body]
    while waiting:
        statement = waiting.pop(0)
        yield statement
        if isinstance(statement, ast.If | ast.For | ast.While | ast.With | ast.Try):
            waiting += [node for node in ast.iter_child_nodes(statement) if isinstance(node, ast.stmt)]
            handlers = statement.handlers if isinstance(statement, ast.Try) else []
            waiting += [node for handler in handlers for node in handler.body]


def module_names(tree: ast.Module) -> list[str]:
    """The names that a module binds in its own scope, in its order."""
    names: list[str] = []
    for statement in module_statements(tree):
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.append(name)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                names += [(alias.asname or alias.name).split(".")[0] for alias in aliases]
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                names += [
                    node.id
                    for node in ast.walk(statement)
                    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
                ]
            case _:
                pass
    return names


def functions(tree: ast.Module) -> list[str]:
    """The functions and classes of a module's own scope."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return [statement.name for statement in module_statements(tree) if isinstance(statement, kinds)]


def used_names(tree: ast.AST) -> set[str]:
    """Every name that is read anywhere in the tree."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def proves_nothing(tree: ast.AST, candidate: str) -> str:
    """Why no answer can fail these tests; empty when one can.

    `candidate` is the name under which the tests call the answer: calling it is no test of what it returns.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert) and isinstance(node.test, ast.Tuple) and node.test.elts:
            return "asserts a tuple, which is always true"
    harmless = {candidate, "print"}
    for node in ast.walk(tree):
        match node:
            case ast.Assert() | ast.Raise():
                return ""
            case ast.Call(func=ast.Name(id=name)) if name in harmless:
                pass
            case ast.Call():
                return ""
            case _:
                pass
    return "asserts nothing, so that every program that runs would pass"


def check_flaws(tests: str, column: str) -> Iterator[Flaw]:
    """What is wrong with tests that should define `check(candidate)`."""
    if error := compile_error(tests):
        yield Flaw(column, f"is not Python ({error})", "correct the tests")
        return
    tree = parse(tests)
    if "check" not in module_names(tree):
        defined = ", ".join(functions(tree)) or "no function"
        yield Flaw(
            column, f"defines no check() (it defines {defined})", "put the tests into a function check(candidate)"
        )
        return
    defined = [node for node in module_statements(tree) if getattr(node, "name", "") == "check"]
    for node in defined[-1:]:  # the last definition is the one that is called
        yield from _check_function_flaws(node, column)
    if not defined and (why := proves_nothing(tree, "candidate")):
        yield Flaw(column, why, "assert what the function should return")


def _check_function_flaws(node: ast.stmt, column: str) -> Iterator[Flaw]:
    # a yield counts in the function's own body, not in those of functions inside it
    own, waiting = list[ast.AST](), list[ast.AST](node.body if isinstance(node, ast.FunctionDef) else ())
    while waiting:
        part = waiting.pop()
        own.append(part)
        if not isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            waiting += ast.iter_child_nodes(part)
    if isinstance(node, ast.AsyncFunctionDef) or any(isinstance(part, ast.Yield | ast.YieldFrom) for part in own):
        kind = "is async" if isinstance(node, ast.AsyncFunctionDef) else "holds a yield"
        yield Flaw(column, f"never runs its tests, since check() {kind}", "make check a plain function")
    elif isinstance(node, ast.FunctionDef):
        given = node.args
        required = len(given.posonlyargs) + len(given.args) - len(given.defaults)
        takes_one = given.posonlyargs or given.args or given.vararg
        if required > 1 or not takes_one or None in given.kw_defaults:
            shown = f"check({ast.unparse(given)})"
            yield Flaw(
                column, f"defines {shown}, which is called with one argument", "let check take only the candidate"
            )
        first = next(iter([*given.posonlyargs, *given.args]), None)
        if why := proves_nothing(node, first.arg if first else "candidate"):
            yield Flaw(column, why, "assert what the function should return")
