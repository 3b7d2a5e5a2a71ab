"""What extraction must know of a language: one row each."""

from dataclasses import dataclass
from functools import cache

from tree_sitter import Language


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
    """Kinds of nodes that define functions, classes or values, at the top level or in a class."""
    function_nodes: frozenset[str] = frozenset()
    """Those of them that may be the function that was asked for."""
    import_nodes: frozenset[str] = frozenset()
    """Kinds of top-level nodes that make other code's names known."""
    idempotent_imports: bool = True
    """Whether importing the same twice is allowed."""
    code_line: str = ""
    """Pattern of a line that is code for certain, with which a program in the middle of prose may begin.

    Matched in time that grows with the line's length alone: hence the possessive quantifiers."""


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
        Syntax(
            name="javascript",
            fence_tags=frozenset({"javascript", "js", "node", "nodejs", "jsx", "mjs"}),
            grammar="tree_sitter_javascript",
            line_comment="//",
            text_nodes=frozenset({"string", "template_string", "regex", "comment"}),
            definition_nodes=frozenset(
                {
                    "function_declaration",
                    "generator_function_declaration",
                    "class_declaration",
                    "lexical_declaration",
                    "variable_declaration",
                    "variable_declarator",
                    "export_statement",
                }
            ),
            function_nodes=frozenset({"function_declaration", "generator_function_declaration", "variable_declarator"}),
            import_nodes=frozenset({"import_statement"}),
            idempotent_imports=False,
            code_line=r"(const|let|var|function|async function|class)\s+\w+",
        ),
        Syntax(
            name="java",
            fence_tags=frozenset({"java"}),
            grammar="tree_sitter_java",
            line_comment="//",
            text_nodes=frozenset({"string_literal", "character_literal", "line_comment", "block_comment"}),
            definition_nodes=frozenset(
                {
                    "class_declaration",
                    "interface_declaration",
                    "enum_declaration",
                    "record_declaration",
                    "method_declaration",
                    "field_declaration",
                    "local_variable_declaration",
                    "variable_declarator",
                }
            ),
            function_nodes=frozenset({"method_declaration"}),
            import_nodes=frozenset({"import_declaration"}),
            code_line=r"import\s+[\w.]+|((public|private|protected|static|final|abstract)\s+)*+class\s+\w+"
            r"|(public|private|protected|static|final)\s++((public|private|protected|static|final)\s++)*+"
            r"[\w<>\[\], ]*+(?<=[\w<>\[\], ])\(",
        ),
        Syntax(
            name="go",
            fence_tags=frozenset({"go", "golang"}),
            grammar="tree_sitter_go",
            line_comment="//",
            text_nodes=frozenset({"interpreted_string_literal", "raw_string_literal", "rune_literal", "comment"}),
            definition_nodes=frozenset(
                {
                    "function_declaration",
                    "method_declaration",
                    "type_declaration",
                    "type_spec",
                    "const_declaration",
                    "const_spec",
                    "var_declaration",
                    "var_spec",
                }
            ),
            function_nodes=frozenset({"function_declaration", "method_declaration"}),
            import_nodes=frozenset({"package_clause", "import_declaration"}),
            code_line=r"package\s+\w+\s*$|import\s+[(\"]|func\s+[\w(]|type\s+\w+\s|var\s+\w+\s|const\s+\w+\s",
        ),
        Syntax(
            name="cpp",
            fence_tags=frozenset({"cpp", "c++", "cc", "cxx", "c"}),
            grammar="tree_sitter_cpp",
            line_comment="//",
            text_nodes=frozenset({"string_literal", "raw_string_literal", "char_literal", "comment"}),
            definition_nodes=frozenset(
                {
                    "function_definition",
                    "template_declaration",
                    "struct_specifier",
                    "class_specifier",
                    "enum_specifier",
                    "type_definition",
                    "alias_declaration",
                    "declaration",
                    "preproc_def",
                    "preproc_function_def",
                }
            ),
            function_nodes=frozenset({"function_definition"}),
            import_nodes=frozenset({"preproc_include", "using_declaration"}),
            code_line=r"#\s*include\b|using\s+namespace\b|template\s*<|(struct|class)\s+\w+"
            r"|[\w:<>,*& ]+[\s*&>]\w+\s*\([^;]*\)\s*+\{?\s*+$",
        ),
        Syntax(
            name="rust",
            fence_tags=frozenset({"rust", "rs"}),
            grammar="tree_sitter_rust",
            line_comment="//",
            text_nodes=frozenset(
                {"string_literal", "raw_string_literal", "char_literal", "line_comment", "block_comment"}
            ),
            definition_nodes=frozenset(
                {
                    "function_item",
                    "struct_item",
                    "enum_item",
                    "trait_item",
                    "type_item",
                    "const_item",
                    "static_item",
                    "mod_item",
                    "macro_definition",
                }
            ),
            function_nodes=frozenset({"function_item"}),
            import_nodes=frozenset({"use_declaration", "extern_crate_declaration"}),
            idempotent_imports=False,
            code_line=r"use\s+[\w:]+|(pub\s+)?fn\s+\w+|(pub\s+)?(struct|enum|impl|trait)\b|#\[",
        ),
    )
}


def grammar(name: str) -> Language:
    """The tree-sitter grammar of a language, loaded once."""
    return load_grammar(SYNTAXES[name].grammar)


@cache
def load_grammar(package: str, function: str = "language") -> Language:
    """The grammar that a function of a package makes. Raises ImportError where the package is not installed."""
    import importlib

    made: object = getattr(importlib.import_module(package), function)()
    return Language(made)
