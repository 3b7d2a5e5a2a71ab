"""What a program defines, in the languages whose blocks stand in braces; safe on anything a model may write."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from tree_sitter import Node

from tasks.languages import SYNTAXES, parser

_OPENING = frozenset({"{", "${"})
_CLOSING = frozenset({"}"})
_DEEPEST_NAME = 30
"""Declarators around a name that are looked through; an answer may nest thousands."""
_NAME_NODES = ("identifier", "type_identifier", "field_identifier", "property_identifier")


@dataclass(frozen=True, slots=True)
class Item:
    """One top-level part of a program."""

    kind: str
    """Kind of its tree-sitter node."""
    text: str
    start: int
    end: int
    """Bytes."""
    names: frozenset[str]
    """What it defines; of an import, nothing."""
    broken: bool
    """Whether some of it does not parse."""

    @property
    def accompanies(self) -> bool:
        """Whether it belongs to a definition beside it: a comment, a Rust attribute or implementation."""
        return "comment" in self.kind or self.kind in ("attribute_item", "impl_item")


@dataclass(frozen=True, slots=True)
class Brace:
    """A brace that opens or closes a block: none in a string, character or comment."""

    end: int
    """The byte behind it."""
    depth: int
    """Blocks open behind it."""


class Outline:
    """Parsed source. Callers bound its length, as tree-sitter may take time that grows with the square of it."""

    def __init__(self, text: str, language: str) -> None:
        self.text = text
        self.syntax = SYNTAXES[language]
        self.data = text.encode("utf-8", "surrogatepass")
        self.root = parser(language).parse(self.data).root_node

    @property
    def broken(self) -> bool:
        return self.root.has_error

    def items(self) -> Iterator[Item]:
        """The top-level parts in their order, comments among them."""
        for node in self.root.named_children:
            names = frozenset(self._names(node)) if node.type in self.syntax.definition_nodes else frozenset[str]()
            text = self.slice(node.start_byte, node.end_byte)
            yield Item(node.type, text, node.start_byte, node.end_byte, names, node.has_error)

    def imports(self) -> Iterator[Item]:
        return (item for item in self.items() if item.kind in self.syntax.import_nodes)

    def function(self, name: str) -> Item | None:
        """The last top-level part that is the function `name` or has it inside; the former goes first."""
        items = [item for item in self.items() if item.names and name in self._functions(item)]
        own = [item for item in items if name in item.names]
        return next(reversed(own or items), None)

    def defined(self) -> frozenset[str]:
        """Every name that a top-level part defines."""
        return frozenset(name for item in self.items() for name in item.names)

    def braces(self) -> Iterator[Brace]:
        """The braces of blocks that are really there, in their order."""
        depth = 0
        for leaf in leaves(self.root):
            if leaf.is_missing:  # put in by the parser to make sense of the rest
                continue
            if leaf.type in _OPENING:
                depth += 1
            elif leaf.type in _CLOSING:
                depth -= 1
            else:
                continue
            yield Brace(leaf.end_byte, depth)

    def names_used(self) -> Iterator[tuple[int, str]]:
        """Every name in the program, in strings and comments none, with the byte where it stands."""
        return ((leaf.start_byte, node_text(leaf)) for leaf in leaves(self.root) if leaf.type in _NAME_NODES)

    def inside_text(self, byte: int) -> bool:
        """Whether the character at `byte` stands in a string, character or comment."""
        node = self.root.descendant_for_byte_range(byte, byte + 1)
        while node is not None and node.type not in self.syntax.text_nodes:
            node = node.parent
        return node is not None and node.start_byte < byte < node.end_byte

    def slice(self, start: int, end: int) -> str:
        return self.data[start:end].decode("utf-8", "surrogatepass")

    def _functions(self, item: Item) -> set[str]:
        """Names of the functions in a top-level part, itself or the methods of a class."""
        names: set[str] = set()
        outer = self.root.descendant_for_byte_range(item.start, item.end)
        for node in walk(outer) if outer else ():
            if node.type in self.syntax.function_nodes:
                names.update(self._names(node))
        return names

    def _names(self, node: Node, depth: int = 0) -> Iterator[str]:
        """The names a node binds, found by its fields, else by what it wraps."""
        if node.type in _NAME_NODES:
            yield node_text(node)
        if node.type in _NAME_NODES or depth > _DEEPEST_NAME:
            return
        found = node.children_by_field_name("name") or node.children_by_field_name("declarator")
        for child in found or filter(self._may_bind, node.named_children):
            yield from self._names(child, depth + 1)

    def _may_bind(self, node: Node) -> bool:
        return node.type in self.syntax.definition_nodes or node.type.endswith("declarator")


@lru_cache(maxsize=64)
def outlined(text: str, language: str) -> Outline:
    """The text's Outline; the rules ask for the same ones again and again."""
    return Outline(text, language)


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, in the order of the text."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(current.children))


def leaves(node: Node) -> Iterator[Node]:
    """Every token below the node."""
    return (each for each in walk(node) if not each.children)


def node_text(node: Node) -> str:
    """What the node stands for in the source."""
    return node.text.decode("utf-8", "surrogatepass") if node.text else ""
