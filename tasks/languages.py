"""What extraction must know of a language: one row each."""

from dataclasses import dataclass
from functools import cache

from tree_sitter import Language, Parser


@dataclass(frozen=True, slots=True)
class Syntax:
    """How a language's code looks inside an answer."""

    name: str
    fence_tags: frozenset[str]
    """Info words of a fenced block that announce it, lower case."""
    grammar: str
    """Package with the tree-sitter grammar."""
    line_comment: str
    text_nodes: frozenset[str]
    """Kinds of tree-sitter nodes inside which nothing is code: strings, comments."""
    definition_nodes: frozenset[str]
    """Kinds of nodes that define a function or class by their field `name`."""


SYNTAXES = {
    row.name: row
    for row in (
        Syntax(
            name="python",
            fence_tags=frozenset({"python", "py", "python3", "python2", "py3"}),
            grammar="tree_sitter_python",
            line_comment="#",
            text_nodes=frozenset({"string", "comment"}),
            definition_nodes=frozenset({"function_definition", "class_definition"}),
        ),
    )
}


@cache
def parser(name: str) -> Parser:
    """The tree-sitter parser of a language, made once."""
    import importlib

    grammar: object = importlib.import_module(SYNTAXES[name].grammar).language()
    return Parser(Language(grammar))
