"""Which calls of the candidate its tests begin with, as far as their text alone tells.

Those are sent together with the program, so that candidate and tests do not wait for each other at every call. What
the tests then really call is compared with it: a plan that is wrong costs time, and changes nothing.
"""

import ast
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import lru_cache

from sandbox.split.calls import encode_call
from sandbox.split.codec import CodecError
from sandbox.wire.texts import framed

_MOST_BYTES = 24 << 10
"""A pipe takes so much, with the program before it: else tests and candidate could wait for each other."""
_NOT_ONCE = (ast.BoolOp, ast.IfExp, ast.Lambda, ast.comprehension)
"""What stands within one of these may be left out, or evaluated more than once."""
_IN_ORDER = (ast.Assert, ast.Assign, ast.AnnAssign, ast.Expr, ast.Import, ast.ImportFrom)


class _UnclearError(Exception):
    """What follows depends on more than the text."""


@lru_cache(maxsize=512)
def first_calls(tests: str, names: tuple[str, ...]) -> tuple[bytes, ...]:
    """The calls of functions in `names`, as `encode_call` has them."""
    requests: list[bytes] = []
    left = _MOST_BYTES
    with suppress(SyntaxError, ValueError, TypeError, RecursionError, MemoryError, CodecError, _UnclearError):
        for name, call in _calls(ast.parse(tests), names):
            args = tuple(map(ast.literal_eval, call.args))
            keywords = {each.arg: ast.literal_eval(each.value) for each in call.keywords if each.arg}
            if len(keywords) < len(call.keywords):  # **options
                break
            request = encode_call(name, args, keywords)
            left -= len(framed(request))
            if left < 0:
                break
            requests.append(request)
    return tuple(requests)


def _calls(tests: ast.Module, names: tuple[str, ...]) -> Iterator[tuple[str, ast.Call]]:
    """Which function is called, and how, in order."""
    checks: dict[str, ast.FunctionDef] = {}
    own = {name: name for name in names}
    for statement in tests.body:
        match statement:
            case ast.FunctionDef(name=name, args=ast.arguments(args=[_])):
                checks[name] = statement
            case ast.Expr(ast.Call(ast.Name(check), [ast.Name(name)], [])) if check in checks and name in own:
                parameter = checks[check].args.args[0].arg
                for inner in checks[check].body:
                    yield from _calls_in(inner, {**own, parameter: name})
            case _:
                yield from _calls_in(statement, own)


def _calls_in(statement: ast.stmt, names: Mapping[str, str]) -> Iterator[tuple[str, ast.Call]]:
    """At most one call of a statement: the order of several is not looked for."""
    found = [node for node in ast.walk(statement) if isinstance(node, ast.Name) and node.id in names]
    if not isinstance(statement, _IN_ORDER) or len(found) > 1:
        raise _UnclearError
    if not found:
        return
    if any(isinstance(node, _NOT_ONCE) for node in ast.walk(statement)):
        raise _UnclearError
    calls = [node for node in ast.walk(statement) if isinstance(node, ast.Call) and node.func is found[0]]
    message = statement.msg if isinstance(statement, ast.Assert) else None
    if not calls or (message and found[0] in ast.walk(message)):
        raise _UnclearError
    yield names[found[0].id], calls[0]
