"""What tree-sitter calls things in each language: one row a language, and nothing else in datagen asks which it is."""

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class SyntaxNames:
    """The grammar of one language and the names its syntax tree gives to what datagen looks for."""

    name: str
    title: str
    """As people write it in an instruction."""
    grammar: str
    """Module that holds the grammar."""
    suffixes: tuple[str, ...]
    functions: frozenset[str]
    """Node types that are whole functions or methods."""
    comments: frozenset[str]
    grammar_function: str = "language"
    assigned_functions: frozenset[str] = frozenset()
    """Node types that are whole functions where they are the value of a declared variable."""
    wrappers: frozenset[str] = frozenset()
    """Nodes around a function that belong to it, such as its decorators."""
    prefixes: frozenset[str] = frozenset()
    """Siblings that may stand between a function and its documentation, such as attributes."""
    type_fence: tuple[str, str] = ("", "")
    """What has to stand around a lone method for the grammar to accept it."""
    file_head: str = ""
    """What a source file has to start with for the grammar to read code at all."""


_C_COMMENT = frozenset({"comment"})
_JVM_COMMENTS = frozenset({"line_comment", "block_comment"})

_ROWS = (
    SyntaxNames(
        name="python",
        title="Python",
        grammar="tree_sitter_python",
        suffixes=(".py",),
        functions=frozenset({"function_definition"}),
        comments=_C_COMMENT,
        wrappers=frozenset({"decorated_definition"}),
    ),
    SyntaxNames(
        name="javascript",
        title="JavaScript",
        grammar="tree_sitter_javascript",
        suffixes=(".js", ".mjs", ".cjs"),
        functions=frozenset({"function_declaration", "generator_function_declaration", "method_definition"}),
        comments=_C_COMMENT,
        assigned_functions=frozenset({"arrow_function", "function_expression"}),
        wrappers=frozenset({"export_statement", "variable_declarator", "lexical_declaration", "variable_declaration"}),
        type_fence=("class Fence {\n", "\n}"),
    ),
    SyntaxNames(
        name="java",
        title="Java",
        grammar="tree_sitter_java",
        suffixes=(".java",),
        functions=frozenset({"method_declaration"}),
        comments=_JVM_COMMENTS,
        type_fence=("class Fence {\n", "\n}"),
    ),
    SyntaxNames(
        name="go",
        title="Go",
        grammar="tree_sitter_go",
        suffixes=(".go",),
        functions=frozenset({"function_declaration", "method_declaration"}),
        comments=_C_COMMENT,
    ),
    SyntaxNames(
        name="cpp",
        title="C++",
        grammar="tree_sitter_cpp",
        suffixes=(".cpp", ".cc", ".cxx", ".hpp", ".hh", ".h", ".c"),
        functions=frozenset({"function_definition"}),
        comments=_C_COMMENT,
        wrappers=frozenset({"template_declaration"}),
        type_fence=("class Fence {\n", "\n};"),
    ),
    SyntaxNames(
        name="rust",
        title="Rust",
        grammar="tree_sitter_rust",
        suffixes=(".rs",),
        functions=frozenset({"function_item"}),
        comments=_JVM_COMMENTS,
        prefixes=frozenset({"attribute_item"}),
    ),
    SyntaxNames(
        name="php",
        title="PHP",
        grammar="tree_sitter_php",
        grammar_function="language_php",
        suffixes=(".php",),
        functions=frozenset({"function_definition", "method_declaration"}),
        comments=_C_COMMENT,
        type_fence=("class Fence {\n", "\n}"),
        file_head="<?php\n",
    ),
    SyntaxNames(
        name="ruby",
        title="Ruby",
        grammar="tree_sitter_ruby",
        suffixes=(".rb",),
        functions=frozenset({"method", "singleton_method"}),
        comments=_C_COMMENT,
    ),
    SyntaxNames(
        name="csharp",
        title="C#",
        grammar="tree_sitter_c_sharp",
        suffixes=(".cs",),
        functions=frozenset({"method_declaration"}),
        comments=_C_COMMENT,
        type_fence=("class Fence {\n", "\n}"),
    ),
)

LANGUAGES = MappingProxyType({row.name: row for row in _ROWS})
LANGUAGE_OF_SUFFIX = MappingProxyType({suffix: row.name for row in _ROWS for suffix in row.suffixes})
