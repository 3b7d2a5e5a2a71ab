"""Takes an answer's own examples and tests out of its code, in the languages whose blocks stand in braces.

A chat shows them behind its function. Upstream's protocols cut at the function's end and never see them; beside the
benchmark's tests they would print, fail, or redeclare names.
"""

import re

from tree_sitter import Node

from tasks.extraction.budget import check_budget
from tasks.extraction.outline import Outline, outlined
from tasks.extraction.tree import walk

_GO_TEST = re.compile(r"(Test|Benchmark|Example|Fuzz)([A-Z_0-9]|$)")
_TEST_ATTRIBUTE = re.compile(r"#\[\s*(?:test\b|bench\b|cfg\s*\((?!.*\bnot\s*\(\s*test\b).*\btest\b|\w+::test\b)")
_RUNS = frozenset(
    {
        *("if_statement", "for_statement", "for_in_statement", "while_statement", "do_statement", "try_statement"),
        *("switch_statement", "labeled_statement", "statement_block"),
    }
)
_SILENT = frozenset({"comment", "function_declaration", "class_declaration", "import_statement"})
_ASSIGNS = frozenset({"assignment_expression", "augmented_assignment_expression", "update_expression", "string"})
_CALLED_AT_ONCE = frozenset({"parenthesized_expression", "function_expression", "arrow_function"})
_ELSEWHERE = re.compile(r"\b(?:globalThis|global|window|module|exports)\b")
_PRINTS = re.compile(r"\bconsole\s*\.|\bprocess\s*\.\s*stdout\b")
_SHOWS = re.compile(rf"\b(console|require\.main|import\.meta)\b|{_PRINTS.pattern}")
_VALUES = frozenset({"arrow_function", "function_expression", "generator_function", "class"})
_JAVA_TEST = re.compile(r"@(?:[\w.]+\.)?(?:Test|ParameterizedTest|RunWith)\b|\bextends\s+TestCase\b")
_JAVA_TEST_IMPORT = re.compile(r"import\s+(?:static\s+)?(?:org\.(?:junit|testng|mockito|assertj|hamcrest)|junit)\b")
_CPP_TEST_INCLUDE = re.compile(r"#\s*include\s*[<\"](?:gtest|gmock|catch2?|doctest|boost/test)\b")
_CPP_TEST = re.compile(r"(?:TEST|TEST_F|TEST_P|TYPED_TEST|TEST_CASE|SCENARIO|BOOST_AUTO_TEST_CASE)\s*\(")


def without_examples(code: str, entry_point: str, language: str) -> str:
    """The code without top-level parts that only show or test it."""
    rule = _RULES.get(language)
    if rule is None:
        return code
    outline = outlined(code, language)
    spans = rule(outline, entry_point)
    return outline.without(spans) if spans else code


def _javascript(outline: Outline, entry_point: str) -> list[tuple[int, int]]:
    """What only runs and defines nothing, blocks if they use the entry point or the console, values that print."""

    def shows(text: str) -> bool:
        return bool(_SHOWS.search(text) or re.search(rf"\b{re.escape(entry_point)}\b", text))

    prints = any(name in outline.text for name in ("console", "stdout"))
    found: list[tuple[int, int]] = []
    for node in outline.root.named_children:
        check_budget()
        if node.type in _SILENT:
            continue
        text = outline.text_of(node)
        if node.type == "expression_statement":
            inner = node.named_children[0] if node.named_children else None
            drop = inner is not None and inner.type not in _ASSIGNS
            called = inner.child_by_field_name("function") if inner is not None else None
            if called is not None and called.type in _CALLED_AT_ONCE:
                # A function that is called where it stands may well define something.
                drop = shows(text) and not _ELSEWHERE.search(text)
        elif node.type in ("lexical_declaration", "variable_declaration"):
            drop = prints and bool(_PRINTS.search(text)) and not _defines(outline, node, entry_point)
        else:
            drop = node.type in _RUNS and shows(text) and f"function {entry_point}" not in text
        if drop:
            found.append((node.start_byte, node.end_byte))
    return found


def _defines(outline: Outline, declaration: Node, entry_point: str) -> bool:
    """Whether it declares a function, the entry point, or what other code names."""
    declared: set[str] = set()
    for each in declaration.named_children:
        value, name = each.child_by_field_name("value"), each.child_by_field_name("name")
        if value is not None and value.type in _VALUES:
            return True
        declared.add(outline.text_of(name) if name is not None else entry_point)
    inside = range(declaration.start_byte, declaration.end_byte)
    kept = (item for item in outline.items if item.names and item.start not in inside)
    return entry_point in declared or any(
        re.search(rf"(?<![\w$]){re.escape(name)}(?![\w$])", item.text) for item in kept for name in declared
    )


def _go(outline: Outline, entry_point: str) -> list[tuple[int, int]]:
    """Test functions, and the main function, which nothing calls beside the benchmark's tests."""
    return [
        (item.start, item.end)
        for item in outline.items
        if item.kind == "function_declaration"
        and entry_point not in item.names
        and any(name == "main" or (_GO_TEST.match(name) and "*testing." in item.text) for name in item.names)
    ]


def _rust(outline: Outline, entry_point: str) -> list[tuple[int, int]]:
    """Functions and modules under a test attribute."""
    found: list[tuple[int, int]] = []
    attributes: list[Node] = []
    for node in outline.root.named_children:
        if node.type == "attribute_item":
            attributes.append(node)
            continue
        inner = outline.text_of(node) if node.type == "mod_item" else ""
        is_test = any(_TEST_ATTRIBUTE.match(outline.text_of(each)) for each in attributes)
        if is_test or ("#[" in inner and any(map(_TEST_ATTRIBUTE.match, re.findall(r"#\[[^\n]*", inner)))):
            names = (each.child_by_field_name("name") for each in walk(node) if each.type == "function_item")
            if not any(name is not None and outline.text_of(name) == entry_point for name in names):
                found.append((attributes[0].start_byte if attributes else node.start_byte, node.end_byte))
        if "comment" not in node.type:
            attributes = []
    return found


def _java(outline: Outline, entry_point: str) -> list[tuple[int, int]]:
    """Classes of a test framework, which is not here, and its imports."""
    if "Test" not in outline.text and "org." not in outline.text:
        return []
    own = outline.function(entry_point)
    return [
        (item.start, item.end)
        for item in outline.items
        if (own is None or item.start != own.start)
        and (_JAVA_TEST_IMPORT.match(item.text) or (item.names and _JAVA_TEST.search(item.text)))
    ]


def _cpp(outline: Outline, entry_point: str) -> list[tuple[int, int]]:
    """Tests of a framework, which is not here, and its headers."""
    if not any(name in outline.text for name in ("gtest", "gmock", "catch", "doctest", "boost")):
        return []
    found: list[tuple[int, int]] = []
    for item in outline.items:
        if _CPP_TEST_INCLUDE.match(item.text) or (_CPP_TEST.match(item.text) and entry_point not in item.names):
            found.append((item.start, item.end))
    return found


_RULES = {"javascript": _javascript, "go": _go, "rust": _rust, "java": _java, "cpp": _cpp}
