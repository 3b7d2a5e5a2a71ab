"""Takes an answer's own examples and tests out of its code, in the languages whose blocks stand in braces.

A chat shows them behind its function. Upstream's protocols cut at the function's end and never see them; beside the
benchmark's tests they would print, fail, or redeclare names.
"""

import re

from tree_sitter import Node

from tasks.extraction.outline import Outline, outlined
from tasks.extraction.tree import walk

_GO_TEST = re.compile(r"(Test|Benchmark|Example|Fuzz)([A-Z_0-9]|$)")
_TEST_ATTRIBUTE = re.compile(r"#\[\s*(?:test\b|bench\b|cfg\s*\(\s*test\s*\)|tokio::test\b)")
_RUNS = frozenset({"if_statement", "for_statement", "for_in_statement", "while_statement", "try_statement"})


def without_examples(code: str, entry_point: str, language: str) -> str:
    """The code without top-level parts that only show or test it."""
    rule = _RULES.get(language)
    if rule is None:
        return code
    outline = outlined(code, language)
    spans = rule(outline, entry_point)
    return outline.without(spans) if spans else code


def _javascript(outline: Outline, entry_point: str) -> list[tuple[int, int]]:
    """Calls, and blocks that define nothing and use the entry point or the console."""
    found: list[tuple[int, int]] = []
    for node in outline.root.named_children:
        if node.type == "expression_statement":
            inner = node.named_children[0] if node.named_children else None
            drop = inner is not None and inner.type in ("await_expression", "call_expression")
            if inner is not None and inner.type == "call_expression":
                # A function that is called where it stands may well define something.
                called = inner.child_by_field_name("function")
                drop = called is None or called.type != "parenthesized_expression"
        else:
            text = outline.text_of(node) if node.type in _RUNS else ""
            drop = bool(re.search(rf"\b({re.escape(entry_point)}|console|require\.main|import\.meta)\b", text))
        if drop:
            found.append((node.start_byte, node.end_byte))
    return found


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
        is_test = any(_TEST_ATTRIBUTE.match(outline.text_of(each)) for each in attributes)
        if is_test:
            names = (each.child_by_field_name("name") for each in walk(node) if each.type == "function_item")
            if not any(name is not None and outline.text_of(name) == entry_point for name in names):
                found.append((attributes[0].start_byte, node.end_byte))
        if "comment" not in node.type:
            attributes = []
    return found


_RULES = {"javascript": _javascript, "go": _go, "rust": _rust}
