"""Repairs what cannot run as it stands beside the tests, in one file with them: the heads and ends of whole files."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tasks.extraction.outline import Outline, outlined
from tasks.extraction.tree import walk
from tasks.humanevalpack.restore import without

_BUILD_TAG = re.compile(r"//\s*(?:go:|\+build)")
_MAY_HOLD_MAIN = frozenset(
    {"preproc_ifdef", "preproc_if", "preproc_else", "preproc_elif", "linkage_specification", "declaration_list"}
)


def repaired(code: str, language: str) -> str:
    """The code with those parts of a whole file taken out or reworded that its place beside tests does not allow."""
    # The words are looked for first: nearly no answer holds them, and parsing takes a thousand times as long.
    match language:
        case "javascript" if "import" in code or "export" in code:
            return _javascript(code)
        case "java" if "package" in code:
            return without(code, "java", lambda item: item.kind == "package_declaration")
        case "go" if "//go:" in code or "+build" in code:
            return without(code, "go", lambda item: item.kind == "comment" and bool(_BUILD_TAG.match(item.text)))
        case "rust":
            # without what only the beginning of a file may hold: inner attributes and documentation, a shell's line
            if code.lstrip().startswith("#!/"):
                code = code.lstrip().partition("\n")[2]
            if "#![" not in code and "//!" not in code and "/*!" not in code:
                return code
            marks = ("//!", "/*!")
            return without(
                code,
                "rust",
                lambda item: (
                    item.kind == "inner_attribute_item" or ("comment" in item.kind and item.text.startswith(marks))
                ),
            )
        case "cpp" if "main" in code and ("#if" in code or "extern" in code):
            # a main function under a condition, such as an include guard, or in `extern "C"`
            outline = outlined(code, "cpp")
            return outline.without((node.start_byte, node.end_byte) for node in _nested_mains(outline, outline.root))
        case _:
            return code


def _javascript(code: str) -> str:
    """ES-module syntax as CommonJS has it: beside `require`, node would take the file for neither."""
    outline = outlined(code, "javascript")
    pieces: list[str] = []
    position = 0
    for node in outline.root.named_children:
        reworded = _as_common_js(outline, node)
        if reworded is not None:
            pieces += outline.slice(position, node.start_byte), reworded
            position = node.end_byte
    return "".join([*pieces, outline.slice(position, len(outline.data))]) if pieces else code


def _as_common_js(outline: Outline, node: Node) -> str | None:
    """The statement's text as CommonJS; None where it is already."""
    match node.type:
        case "export_statement":
            declaration = node.child_by_field_name("declaration")
            value = node.child_by_field_name("value")
            if declaration is None and value is not None and value.type in ("function_expression", "class"):
                declaration = value if value.child_by_field_name("name") is not None else None
            return outline.text_of(declaration) if declaration is not None else ""
        case "import_statement":
            source = node.child_by_field_name("source")
            clause = next((child for child in node.named_children if child.type == "import_clause"), None)
            if source is None:
                return None
            module = f"require({outline.text_of(source)})"
            if clause is None:
                return f"{module};"
            # `name`, `* as name` and `{name as other}`, of which CommonJS says `{name: other}`
            bound = (
                child.named_children[-1] if child.type == "namespace_import" else child
                for child in clause.named_children
            )
            names = (re.sub(r"\s+as\s+", ": ", outline.text_of(each)) for each in bound)
            return " ".join(f"const {name} = {module};" for name in names)
        case "lexical_declaration" | "variable_declaration" if "import.meta" in outline.text_of(node):
            return ""
        case _:
            return None


def _nested_mains(outline: Outline, outer: Node, *, nested: bool = False) -> Iterator[Node]:
    for node in outer.named_children:
        if node.type in _MAY_HOLD_MAIN:
            mains = list(_nested_mains(outline, node, nested=True))
            yield from (
                [node] if node.type == "linkage_specification" and node.child_by_field_name("body") in mains else mains
            )
        elif nested and node.type == "function_definition":
            declarator = node.child_by_field_name("declarator")
            found = walk(declarator) if declarator is not None else ()
            if next((outline.text_of(each) for each in found if each.type == "identifier"), "") == "main":
                yield node
