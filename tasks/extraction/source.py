"""Source text as tree-sitter sees it: safe on anything a model may write, as Python's own parser is not."""

from collections.abc import Iterator
from functools import cached_property, lru_cache

from tree_sitter import Node

from tasks.extraction.tree import inside, parse, walk
from tasks.languages import SYNTAXES

_WRAPPERS = {"decorated_definition": "definition"}
_STUBS = frozenset({"pass_statement", "comment"})


class SourceText:
    """Parsed Python source. Whatever takes long raises OverBudgetError where its work has a budget."""

    def __init__(self, text: str, language: str = "python") -> None:
        self.text = text
        self._data = text.encode("utf-8", "surrogatepass")
        self._syntax = SYNTAXES[language]
        self._root = parse(self._data, language)

    @cached_property
    def broken(self) -> bool:
        """Whether some of it does not parse, or a block is empty or unevenly indented, which tree-sitter lets pass."""
        return self._root.has_error or any(_is_uneven(node) for node in walk(self._root))

    def implements(self, name: str) -> bool:
        """Whether the last top-level definition of `name` has a body beyond a docstring, `pass` or `...`."""
        node = self._definition(name)
        if node is None:
            return False
        body = node.child_by_field_name("body")
        return body is None or any(not _is_stub(child) for child in body.named_children)

    def returns(self, name: str) -> bool:
        """Whether `name` returns, yields or raises anywhere in its body."""
        node = self._definition(name)
        return node is not None and any(
            inner.type in ("return_statement", "yield", "raise_statement") for inner in walk(node)
        )

    def inside_text(self, position: int) -> bool:
        """Whether the character at `position` stands in a string literal or a comment."""
        return inside(self._root, self._byte(position), self._syntax.text_nodes)

    def statements(self) -> Iterator[tuple[str, frozenset[str]]]:
        """Each top-level statement that binds names, with these names; `*` for a star import."""
        for child in self._root.named_children:
            names = frozenset(self._bound_names(child))
            if names:
                yield self._slice(child.start_byte, child.end_byte), names

    def before(self, name: str) -> str:
        """What stands before the last top-level definition of `name`; everything when there is none."""
        node = self._definition(name, outer=True)
        return self._slice(0, node.start_byte) if node else self.text

    def end_of_definition_at(self, position: int) -> int | None:
        """Where the top-level definition that reaches over the character `position` ends; None unless it parses."""
        offset = self._byte(position)
        for child in self._root.children:
            inner = child.child_by_field_name(_WRAPPERS[child.type]) if child.type in _WRAPPERS else child
            if inner is None or inner.type not in self._syntax.definition_nodes:
                continue
            if child.start_byte < offset <= child.end_byte and not child.has_error:
                return len(self._slice(0, child.end_byte))
        return None

    def sound_part(self, name: str) -> str | None:
        """The text up to the first top-level statement that does not parse, if `name` is whole by then, else None."""
        error = next((child for child in self._root.children if child.has_error), None)
        node = self._definition(name, outer=True)
        if error is None or node is None or node.has_error or node.end_byte > error.start_byte:
            return None
        return self._slice(0, error.start_byte)

    def _byte(self, position: int) -> int:
        before = self.text[:position]
        return position if before.isascii() else len(before.encode("utf-8", "surrogatepass"))

    def _slice(self, start: int, end: int) -> str:
        return self._data[start:end].decode("utf-8", "surrogatepass")

    def _definition(self, name: str, *, outer: bool = False) -> Node | None:
        for child in reversed(self._root.children):
            inner = child.child_by_field_name(_WRAPPERS[child.type]) if child.type in _WRAPPERS else child
            if inner is not None and name in self._bound_names(inner):
                return child if outer else inner
        return None

    def _bound_names(self, node: Node) -> Iterator[str]:
        """Names that a top-level statement binds."""
        match node.type:
            case "function_definition" | "class_definition":
                yield self._text(node.child_by_field_name("name"))
            case "decorated_definition":
                inner = node.child_by_field_name("definition")
                yield from self._bound_names(inner) if inner else ()
            case "import_statement" | "import_from_statement":
                yield from self._imported_names(node)
            case "expression_statement" if node.named_children and node.named_children[0].type == "assignment":
                left = node.named_children[0].child_by_field_name("left")
                if left is not None and left.type == "identifier":
                    yield self._text(left)
            case _:
                pass

    def _imported_names(self, node: Node) -> Iterator[str]:
        for child in node.children_by_field_name("name"):
            alias = child.child_by_field_name("alias")
            yield self._text(alias) if alias else self._text(child).split(".")[0]
        if any(child.type == "wildcard_import" for child in node.named_children):
            yield "*"

    def _text(self, node: Node | None) -> str:
        return self._slice(node.start_byte, node.end_byte) if node else ""


@lru_cache(maxsize=16)
def parsed(text: str) -> SourceText:
    """The text's Source; the rules ask for the same ones again and again. Raises OverBudgetError."""
    return SourceText(text)


def forget_sources() -> None:
    """Gives back the memory of what was parsed."""
    parsed.cache_clear()


def _is_stub(statement: Node) -> bool:
    if statement.type in _STUBS:
        return True
    inner = statement.named_children
    return statement.type == "expression_statement" and len(inner) == 1 and inner[0].type in ("string", "ellipsis")


def _is_uneven(node: Node) -> bool:
    if node.type not in ("block", "module"):
        return False
    statements = [child for child in node.named_children if child.type != "comment"]
    first_on_line = {child.start_point.row: child.start_point.column for child in reversed(statements)}
    return len(set(first_on_line.values())) > 1 or (node.type == "block" and not statements)
