"""Inputs for the tests of a problem: one kind of value for each parameter, many values of it.

What kind a parameter takes is read from examples, annotation, default and name. Where these leave it open, every kind
that may fit is given, and running the function decides. The draws are apart from those that prove repairs
(`datagen.execution.inputs`): wider, and by another seed.
"""

import ast
import itertools
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from datagen.execution.inputs import documented_calls

_MOST_ASSIGNMENTS = 8
_LONGEST_PIECE = 40
_LARGEST_NUMBER = 10**6
_WORDS = ("a", "b", "ab", "abc", "Abc", "ABC", "hello", "World", "x1", "42", "-7", "3.5", "  ", "foo_bar", "é")
_SIGNS = " ,.-_/:;=&'\"()[]<>%#\\\n\t+*"
_BY_NAME = {
    "text": (
        *(
            "s",
            "text",
            "string",
            "str",
            "name",
            "line",
            "word",
            "path",
            "key",
            "prefix",
            "suffix",
            "url",
            "char",
            "sep",
        ),
        *("p", "c", "source", "code", "value_str", "msg", "message", "title", "label", "filename", "pattern", "host"),
    ),
    "integer": (
        *("n", "i", "j", "k", "m", "count", "size", "width", "index", "number", "num", "start", "stop", "year"),
        *("month", "day", "length", "bits", "depth", "level", "step", "hour", "minute", "second"),
    ),
    "number": ("x", "y", "z", "ratio", "alpha", "beta", "low", "high", "seconds"),
    "integers": ("numbers", "nums", "xs", "counts", "sizes"),
    "texts": ("words", "lines", "names", "keys", "strings", "paths", "args", "parts"),
    "table": ("d", "mapping", "dictionary"),
}
_NAMED = {name: kind for kind, names in _BY_NAME.items() for name in names}
_BY_ANNOTATION = (
    ("list[str", "texts"), ("sequence[str", "texts"), ("iterable[str", "texts"), ("tuple[str", "texts"),
    ("list[float", "numbers"), ("sequence[float", "numbers"), ("iterable[float", "numbers"),
    ("dict", "table"), ("mapping", "table"), ("bytes", "bytes"), ("str", "text"), ("bool", "truth"),
    ("list", "integers"), ("sequence", "integers"), ("iterable", "integers"), ("tuple", "integers"),
    ("float", "number"), ("int", "integer"),
)  # fmt: skip
_OPEN = ("text", "integer", "integers", "texts")
_TOLD = (
    (re.compile(r"\bbytes\b|bytes-like"), "bytes"),
    (re.compile(r"\bdict(?:ionary|ionaries)?\b|\bmapping\b"), "table"),
    (re.compile(r"\bints?\b|\bintegers?\b"), "integer"),
    (re.compile(r"\b(?:lists?|sequence|iterable) of (?:str|strings|lines|names|words|paths|texts)\b"), "texts"),
)
"""What the documentation says of some parameter; which one it means, running shows."""


@dataclass(frozen=True, slots=True)
class _KindedParameter:
    kinds: tuple[str, ...]
    stated: tuple[str, ...]
    """Values of examples and defaults, as source text."""
    keyword: str
    is_optional: bool


def draw_inputs(code: str, docstring: str, name: str, seed: str, wanted: int) -> list[list[str]]:
    """Argument lists as source text, for each assignment of kinds to parameters that may be right, likeliest first.

    Those of the documentation's calls are left out: a prompt shows them. None for functions with open argument lists
    and for coroutines, whose call is no result.
    """
    plain = [node for node in ast.parse(code).body if isinstance(node, ast.FunctionDef) and node.name == name]
    if not plain or plain[0].args.vararg or plain[0].args.kwarg:
        return []
    function = plain[0]
    examples = documented_calls(docstring, name)
    shown = {", ".join(each) for each in examples}
    told = [kind for pattern, kind in _TOLD if pattern.search(docstring.lower())]
    parameters = _parameters(function, examples, told)
    if not parameters:
        return []
    constants = [node.value for node in ast.walk(function) if isinstance(node, ast.Constant)]
    constants += [ast.literal_eval(text) for each in parameters for text in each.stated]
    texts = tuple(each for each in constants if isinstance(each, str) and 0 < len(each) < _LONGEST_PIECE)
    numbers = [each for each in constants if type(each) in (int, float)]
    numbers = tuple(each for each in cast("list[float]", numbers) if abs(each) < _LARGEST_NUMBER)
    found: list[list[str]] = []
    for kinds in itertools.islice(itertools.product(*(each.kinds for each in parameters)), _MOST_ASSIGNMENTS):
        draw = _Draw(random.Random(f"problem:{seed}:{kinds}"), texts, numbers)
        lists = dict.fromkeys(draw.argument_list(parameters, kinds) for _ in range(2 * wanted))
        found.append([each for each in lists if each not in shown][:wanted])
    return found


@dataclass(frozen=True, slots=True)
class _Draw:
    generator: random.Random
    texts: Sequence[str]
    """Constants of the code and its documentation: where its branches turn."""
    numbers: Sequence[float]

    def chance(self, share: float) -> bool:
        return self.generator.random() < share

    def _given(self, parameters: Sequence[_KindedParameter]) -> set[int]:
        """Places of the parameters that get a value: now and then the last positional ones keep their default."""
        most = sum(not each.keyword for each in parameters)
        least = sum(not each.keyword and not each.is_optional for each in parameters)
        positional = self.generator.randint(least, most) if self.chance(0.3) else most
        named = range(most, len(parameters))
        return {*range(positional), *(p for p in named if not parameters[p].is_optional or self.chance(0.5))}

    def argument_list(self, parameters: Sequence[_KindedParameter], kinds: Sequence[str]) -> str:
        """One value for each parameter that gets one, as source text."""
        given = self._given(parameters)
        texts: list[str] = []
        for place, (parameter, kind) in enumerate(zip(parameters, kinds, strict=True)):
            if place in given:
                is_stated = parameter.stated and self.chance(0.3)
                value = self.generator.choice(parameter.stated) if is_stated else repr(self._value(kind))
                texts.append(parameter.keyword + value)
        return ", ".join(texts)

    def _value(self, kind: str) -> object:
        draw = self.generator
        match kind:
            case "text":
                return self._word()
            case "integer" | "number":
                return self._number(whole=kind == "integer")
            case "truth":
                return self.chance(0.5)
            case "bytes":
                return self._word().encode()
            case "table":
                return {self._word(): self._value(draw.choice(("integer", "text"))) for _ in range(draw.randint(0, 4))}
            case "set":
                return {self._value("integer") for _ in range(draw.randint(0, 5))}
            case _:  # the plural of a kind is a list of it
                return [self._value(kind[:-1]) for _ in range(draw.choice((0, 1, 2, 3, 3, 4, 5, 7)))]

    def _number(self, whole: bool) -> float:
        draw = self.generator
        near = [each for each in self.numbers if not whole or isinstance(each, int)]
        if near and self.chance(0.4):
            return draw.choice(near) + draw.choice((-1, 0, 0, 1))
        if whole:
            return draw.choice((draw.randint(-3, 12), draw.randint(-100, 400), draw.randint(0, 3000)))
        return draw.choice((draw.randint(-5, 12), draw.randint(-400, 400) / 8, draw.randint(0, 64) / 64))

    def _word(self) -> str:
        """A text: of everyday words, of the code's own texts, with signs in between; some cut or doubled."""
        draw = self.generator
        pieces: list[str] = []
        for _ in range(draw.choice((0, 1, 1, 2, 3, 4))):
            piece = draw.choice(self.texts) if self.texts and self.chance(0.5) else draw.choice(_WORDS)
            if self.chance(0.15):
                piece = piece[: draw.randrange(len(piece) + 1)]
            pieces.append(piece)
            if self.chance(0.35):
                pieces.append(draw.choice(_SIGNS) * draw.choice((1, 1, 2)))
        return "".join(pieces)


def _parameters(
    function: ast.FunctionDef, examples: Sequence[Sequence[str]], told: Sequence[str]
) -> list[_KindedParameter]:
    arguments = [*function.args.posonlyargs, *function.args.args]
    defaults = [*[None] * (len(arguments) - len(function.args.defaults)), *function.args.defaults]
    pairs = [(each, default, "") for each, default in zip(arguments, defaults, strict=True)]
    named = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
    pairs += [(each, default, f"{each.arg}=") for each, default in named]
    found: list[_KindedParameter] = []
    for place, (argument, default, keyword) in enumerate(pairs):
        given = [each[place] for each in examples if place < len(each) and "=" not in each[place]]
        stated = [*given, *([ast.unparse(default)] if default is not None else [])]
        plain = [text for text in stated if _literal_kind(text)]
        kinds = dict.fromkeys(kind for text in plain if (kind := _literal_kind(text)) != "none")
        annotation = ast.unparse(argument.annotation).lower() if argument.annotation else ""
        noted = next((kind for word, kind in _BY_ANNOTATION if word in annotation), "")
        known = _NAMED.get(argument.arg.lower().strip("_"), "")
        if noted:
            kinds = {noted: None}
        elif not kinds:
            bare = argument.arg.lower().strip("_")
            plural = ["texts", "integers"] if bare.endswith("s") and len(bare) > 3 and not bare.endswith("ss") else []
            if known in ("number", "integer"):
                kinds = dict.fromkeys(["integer"] if "integer" in told else [known, *told, *_OPEN])
            else:
                kinds = dict.fromkeys([*([known] if known else plural), *_OPEN, *told])
        found.append(_KindedParameter(tuple(kinds), tuple(dict.fromkeys(plain)), keyword, default is not None))
    return found


_KINDS: Mapping[type, str] = {
    str: "text", int: "integer", float: "number", bool: "truth", bytes: "bytes", dict: "table", set: "set",
    type(None): "none",
}  # fmt: skip


def _literal_kind(text: str) -> str:
    """Empty where the text is no plain value."""
    try:
        value: Any = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return ""
    if isinstance(value, list | tuple):
        items = {_literal_kind(repr(each)) for each in cast("list[Any]", value)}
        return "texts" if items == {"text"} else "numbers" if "number" in items else "integers"
    return next((kind for each, kind in _KINDS.items() if type(value) is each), "")
