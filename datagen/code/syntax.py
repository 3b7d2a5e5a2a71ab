"""Syntax trees: text in, tree-sitter nodes out. Grammars are loaded on first use."""

import ast
import warnings
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from datagen.code.languages import LANGUAGES, SyntaxNames
from sandbox.errors import WavebenchError

if TYPE_CHECKING:
    from tree_sitter import Node, Parser


class GrammarMissingError(WavebenchError):
    """The grammar package of a language is not installed."""


@cache
def parser(language: str) -> "Parser":
    """The parser of a language.

    Raises GrammarMissingError when its grammar package is missing.
    """
    import tree_sitter

    from tasks.languages import load_grammar

    row = LANGUAGES[language]
    try:
        return tree_sitter.Parser(load_grammar(row.grammar, row.grammar_function))
    except ImportError as error:
        package = row.grammar.replace("_", "-")
        raise GrammarMissingError(f"no grammar for {row.title}: install {package!r} (extra 'datagen')") from error


def root(source: bytes, language: str) -> "Node":
    """The tree of a whole source file."""
    return parser(language).parse(source).root_node


def walk(node: "Node") -> Iterator["Node"]:
    """The node and all below it, parents first, in source order."""
    # Not the walker of tasks.extraction: that one skips tokens, which some callers look for, and obeys a time budget.
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(reversed(current.children))


def text_of(node: "Node") -> str:
    """The source text of a node."""
    return (node.text or b"").decode("utf-8", "replace")


def parses(code: str, language: str) -> bool:
    """Whether a function parses without an error, alone or, for a method, inside an empty type."""
    if language == "python":
        # Python says what Python is: the grammar of tree-sitter also takes indented files and Python 2.
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                ast.parse(code)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
        return True
    row = LANGUAGES[language]
    alone = row.file_head + code
    if not root(alone.encode(), language).has_error:
        return True
    before, after = row.type_fence
    return bool(before) and not root((row.file_head + before + code + after).encode(), language).has_error


def is_function(node: "Node", row: SyntaxNames) -> bool:
    """Whether a node is a whole function of its language."""
    if node.type in row.functions:
        return True
    return node.type in row.assigned_functions and node.parent is not None and node.parent.type == "variable_declarator"


def function_tree(code: str, language: str) -> "tuple[Node, int] | None":
    """The function node of a lone function, and how many bytes stand before the code in the parsed text.

    None when the text does not parse or holds no function.
    """
    row = LANGUAGES[language]
    for before, after in (("", ""), row.type_fence):
        head = row.file_head + before
        tree = root((head + code + after).encode(), language)
        if tree.has_error:
            continue
        for node in walk(tree):
            if is_function(node, row):
                return node, len(head.encode())
    return None
