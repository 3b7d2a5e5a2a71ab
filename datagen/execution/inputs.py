"""Inputs for a pure Python function: literals of its documentation and defaults, then values by annotation and name."""

import ast
import random
from collections.abc import Sequence
from dataclasses import dataclass

_TRIES = 40
"""Argument lists for one function."""
_BY_TYPE = {
    "int": ("0", "1", "2", "-1", "3", "7", "10", "-5", "100"),
    "float": ("0.0", "1.0", "-1.5", "2.5", "0.1", "100.0"),
    "str": ("''", "'a'", "'abc'", "'hello world'", "'A1 b2'", "' x '", "'a,b,c'", "'Hello'"),
    "bytes": ("b''", "b'abc'", "b'\\x00\\xff'"),
    "bool": ("True", "False"),
    "list": ("[]", "[1]", "[3, 1, 2]", "[1, 1, 2]", "['b', 'a']", "[0, -1, 5, 2]"),
    "tuple": ("()", "(1,)", "(3, 1, 2)", "('a', 'b')"),
    "dict": ("{}", "{'a': 1}", "{'a': 1, 'b': 2}", "{1: 'x'}"),
    "set": ("set()", "{1, 2}", "{3, 1, 2}"),
    "none": ("None",),
}
_BY_NAME = {
    "str": ("s", "text", "string", "name", "line", "word", "path", "key", "prefix", "suffix", "url", "char", "sep"),
    "int": ("n", "i", "j", "k", "x", "y", "m", "count", "size", "width", "index", "number", "num", "start", "stop"),
    "list": ("items", "values", "lst", "seq", "data", "iterable", "numbers", "words", "lines", "a", "xs", "args"),
    "dict": ("d", "mapping", "dictionary", "kwargs", "options"),
}
_NAMED = {name: kind for kind, names in _BY_NAME.items() for name in names}


@dataclass(frozen=True, slots=True)
class _Parameter:
    pool: tuple[str, ...]
    keyword: str
    """Empty for a positional one."""


def draw_arguments(code: str, docstring: str, name: str, seed: str) -> list[str]:
    """Different argument lists as source text, most telling first; none where the function takes what none is known of.

    Calls in the documentation come first: they are what the author thought of.
    """
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    function = next((node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name), None)
    if function is None or function.args.vararg or function.args.kwarg:
        return []
    examples = documented_calls(docstring, name)
    literals = [
        ast.unparse(node) for node in ast.walk(function) if isinstance(node, ast.Constant) and node.value is not ...
    ]
    generator = random.Random(seed)
    found = dict.fromkeys(", ".join(arguments) for arguments in examples)
    parameters = _parameters(function, examples, literals)
    for _ in range(_TRIES):
        drawn = [f"{each.keyword}{generator.choice(each.pool)}" for each in parameters]
        found.setdefault(", ".join(drawn))
    return list(found)


def _parameters(
    function: ast.FunctionDef, examples: Sequence[Sequence[str]], literals: Sequence[str]
) -> list[_Parameter]:
    arguments = [*function.args.posonlyargs, *function.args.args]
    defaults: list[ast.expr | None] = [None] * (len(arguments) - len(function.args.defaults))
    defaults += function.args.defaults
    pairs = [(each, default, "") for each, default in zip(arguments, defaults, strict=True)]
    named = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
    pairs += [(each, default, f"{each.arg}=") for each, default in named]
    found: list[_Parameter] = []
    for place, (argument, default, keyword) in enumerate(pairs):
        documented = [each[place] for each in examples if place < len(each) and "=" not in each[place]]
        kinds = _kinds(argument, default)
        pool = [value for kind in kinds for value in _BY_TYPE[kind]]
        # Constants of the code are where its branches turn.
        fitting = [text for text in literals if _kind_of(text) in kinds]
        stated = [ast.unparse(default)] if default is not None else []
        found.append(_Parameter(tuple(dict.fromkeys([*documented, *documented, *stated, *fitting, *pool])), keyword))
    return found


def _kinds(argument: ast.arg, default: ast.expr | None) -> list[str]:
    annotation = ast.unparse(argument.annotation).lower() if argument.annotation else ""
    stated = [kind for kind in _BY_TYPE if kind in annotation]
    stated += ["list"] if any(word in annotation for word in ("sequence", "iterable", "collection")) else []
    stated += ["dict"] if "mapping" in annotation else []
    if stated:
        return stated
    if isinstance(default, ast.Constant) and default.value is not None:
        return [_kind_of(ast.unparse(default))]
    named = _NAMED.get(argument.arg.lower().strip("_"))
    return [named] if named else ["int", "str", "list"]


def _kind_of(literal: str) -> str:
    try:
        kind = type(ast.literal_eval(literal)).__name__
    except (ValueError, SyntaxError, TypeError):
        return "int"
    return kind if kind in _BY_TYPE else "none"


def documented_calls(docstring: str, name: str) -> list[list[str]]:
    """The arguments of calls of the function in its examples, where they are plain values."""
    found: list[list[str]] = []
    for line in docstring.splitlines():
        _, prompt, text = line.partition(">>> ")
        if not prompt or name not in text:
            continue
        try:
            nodes = list(ast.walk(ast.parse(text.strip())))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in nodes:
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == name:
                texts = [ast.unparse(each) for each in node.args]
                texts += [f"{each.arg}={ast.unparse(each.value)}" for each in node.keywords if each.arg]
                if all(_is_plain(each.rpartition("=")[2] if "=" in each else each) for each in texts):
                    found.append(texts)
    return found


def _is_plain(text: str) -> bool:
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False
    return True
