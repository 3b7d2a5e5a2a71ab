"""Names that Python code binds, as its syntax tree shows them."""

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from tasks.extraction.budget import check_budget
from tasks.extraction.tree import walk

IMPORTS = frozenset({"import_statement", "import_from_statement"})
_COMPOUND = frozenset(
    {"if_statement", "try_statement", "for_statement", "while_statement", "with_statement", "match_statement"}
)
_PATTERNS = frozenset(
    {
        "pattern_list",
        "tuple_pattern",
        "list_pattern",
        "list_splat_pattern",
        "dictionary_splat_pattern",
        "typed_parameter",
        "as_pattern_target",
        "global_statement",
        "nonlocal_statement",
    }
)
_MOST_TARGETS = 256
_TARGET_FIELDS = {
    "assignment": "left",
    "augmented_assignment": "left",
    "for_statement": "left",
    "for_in_clause": "left",
    "named_expression": "name",
    "function_definition": "name",
    "class_definition": "name",
    "aliased_import": "alias",
}
"""Where kinds of nodes have what they bind."""


@dataclass(frozen=True, slots=True)
class Bindings:
    """What top-level statements bind in a source that was parsed."""

    data: bytes

    def within(self, node: Node) -> Iterator[str]:
        """Names that a top-level statement binds for the module, also from within its blocks."""
        if node.type not in _COMPOUND | {"expression_statement"}:
            yield from self.of(node)
            return
        waiting = [node]
        while waiting:
            current = waiting.pop()
            check_budget()
            if current.type in ("function_definition", "class_definition", "lambda"):
                yield from self.of(current)
                continue
            if current.type in IMPORTS:
                yield from self._imported(current)
            yield from (self.text(name) for name in binds(current))
            target = current.child_by_field_name("left") if current.type == "assignment" else None
            if target is not None and target.type == "subscript" and self.text(target).startswith("globals()"):
                yield self.text(target.child_by_field_name("subscript")).strip("\"'")  # globals()["name"] = ...
            if current.type == "call" and self.text(current.child_by_field_name("function")) == "globals().update":
                arguments = current.child_by_field_name("arguments")
                for each in arguments.named_children if arguments is not None else ():
                    yield self.text(each.child_by_field_name("name"))  # globals().update(name=...)
            waiting += current.named_children

    def of(self, node: Node) -> Iterator[str]:
        """Names that a top-level statement binds."""
        match node.type:
            case "function_definition" | "class_definition":
                yield self.text(node.child_by_field_name("name"))
            case "decorated_definition":
                inner = node.child_by_field_name("definition")
                yield from self.of(inner) if inner else ()
            case "import_statement" | "import_from_statement":
                yield from self._imported(node)
            case "expression_statement" if node.named_children and node.named_children[0].type == "assignment":
                left = node.named_children[0].child_by_field_name("left")
                if left is not None and left.type == "identifier":
                    yield self.text(left)
            case _:
                pass

    def _imported(self, node: Node) -> Iterator[str]:
        for child in node.children_by_field_name("name"):
            alias = child.child_by_field_name("alias")
            yield self.text(alias) if alias else self.text(child).split(".")[0]
        if any(child.type == "wildcard_import" for child in node.named_children):
            yield "*"

    def text(self, node: Node | None) -> str:
        """What stands in the source there; nothing for no node."""
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "surrogatepass") if node else ""


def binds(node: Node) -> Iterator[Node]:
    """The identifiers that the node itself binds, such as a parameter or what an assignment is to."""
    if field := _TARGET_FIELDS.get(node.type):
        yield from _targets(node.child_by_field_name(field))
    match node.type:
        case "parameters" | "lambda_parameters":
            for child in node.named_children:
                yield from _targets(child.child_by_field_name("name") or child)
        case "as_pattern_target" | "global_statement" | "nonlocal_statement":
            yield from _targets(node)
        case "import_statement" | "import_from_statement":
            for child in node.children_by_field_name("name"):
                if child.type == "dotted_name":
                    yield from child.named_children[:1]
        case _:
            pass


def _targets(node: Node | None) -> Iterator[Node]:
    """The identifiers of a pattern: `a`, `(a, b)`, `*a`, `a: int`."""
    if node is None:
        return
    if node.type == "identifier":
        yield node
    elif node.type in _PATTERNS:
        for child in node.named_children[:_MOST_TARGETS]:
            if child.type == "identifier" or child.type in _PATTERNS:
                yield from (each for each in walk(child) if each.type == "identifier")
