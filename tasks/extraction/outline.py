"""What a program defines, in the languages whose blocks stand in braces; safe on anything a model may write."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from tree_sitter import Node

from tasks.extraction.budget import check_budget
from tasks.extraction.tree import inside, leaves, parse, walk
from tasks.languages import SYNTAXES

_BRACES = {"{": 1, "${": 1, "}": -1}
"""By how much they change the number of open blocks."""
_DEEPEST_NAME = 30
"""Declarators around a name that are looked through; an answer may nest thousands."""
_NAME_NODES = ("identifier", "type_identifier", "field_identifier", "property_identifier")
_ITEMS_PER_CHECK = 256
_REFUSAL = re.compile(
    r"todo!|unimplemented!|panic!?\s*\(\s*[\"'](?i:not (?:yet )?implemented|todo)"
    r"|throw\s[^\"']{0,80}[\"'](?i:not (?:yet )?implemented|todo)|throw new UnsupportedOperationException\(\)"
)
"""How a stub says that it is one."""
_HAVE_BODIES = frozenset({"function_declaration", "method_declaration"})
_LAST_WORD = re.compile(r"(\w+)\s*(?=[,;}]|$)")
_IMPORTED = {
    "javascript": re.compile(r"(?<![\"'\w/.])(?!(?:import|from|as|with|type)\b)([A-Za-z_$][\w$]*)(?![\w/.]*[\"'])"),
    "go": re.compile(r"(\w+)(?=\"|\s+\")"),
    "java": _LAST_WORD,
    "cpp": _LAST_WORD,
    "rust": _LAST_WORD,
}
"""How the names look that an import makes known."""
_LONG = 64 * 1024
"""Characters of a text whose tree may hold a hundred megabytes: few are kept at once."""


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
    """Parsed source. Whatever takes long raises OverBudgetError where its work has a budget."""

    def __init__(self, text: str, language: str) -> None:
        self.text = text
        self.syntax = SYNTAXES[language]
        self.data = text.encode("utf-8", "surrogatepass")
        # a directive of C++ ends with its line, the text's last one too
        self.root = parse(self.data + b"\n" if language == "cpp" else self.data, language)
        self._found: dict[str, Item | None] = {}

    @property
    def broken(self) -> bool:
        return self.root.has_error

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """The top-level parts in their order, comments among them."""
        found: list[Item] = []
        for number, node in enumerate(self.root.named_children):
            if number % _ITEMS_PER_CHECK == _ITEMS_PER_CHECK - 1:
                check_budget()
            names = frozenset(self._names(node)) if node.type in self.syntax.definition_nodes else frozenset[str]()
            item = Item(node.type, self.text_of(node), node.start_byte, node.end_byte, names, node.has_error)
            found.append(item)
        return tuple(found)

    @cached_property
    def defined(self) -> frozenset[str]:
        """Every name that a top-level part defines."""
        return frozenset(name for item in self.items for name in item.names)

    @cached_property
    def functions(self) -> frozenset[str]:
        """The name of every function, those inside classes too."""
        functions = (node for node in walk(self.root) if node.type in self.syntax.function_nodes)
        return frozenset(name for node in functions for name in self._names(node))

    @cached_property
    def imported(self) -> frozenset[str]:
        """Every name that a top-level import makes known."""
        imports = (item.text for item in self.items if item.kind in self.syntax.import_nodes)
        return frozenset(name for text in imports for name in _IMPORTED[self.syntax.name].findall(text))

    def offers(self) -> Iterator[tuple[str, frozenset[str]]]:
        """Each top-level definition or import with the names it makes known, whole: with what accompanies it."""
        found: dict[str, list[str]] = {}
        named: list[tuple[list[str], frozenset[str]]] = []
        before: list[str] = []
        for item in self.items:
            if item.kind == "attribute_item":
                before.append(item.text)
            elif item.names:
                parts = ["\n".join([*before, item.text + (";" if item.kind.endswith("_specifier") else "")])]
                named.append((parts, item.names))
                found.update(dict.fromkeys(item.names, parts))
                before = []
            elif item.kind == "impl_item":
                # of the type that stands last before its braces
                types = [name for name in re.findall(r"\w+", item.text.partition("{")[0]) if name in found]
                found[types[-1]].append(item.text) if types else None
                before = []
            elif item.kind in self.syntax.import_nodes:
                named.append(([item.text], frozenset(_IMPORTED[self.syntax.name].findall(item.text))))
        return (("\n".join(parts), names) for parts, names in named if names)

    @cached_property
    def braces(self) -> tuple[Brace, ...]:
        """The braces of blocks that are really there, in their order."""
        found: list[Brace] = []
        depth = 0
        for leaf in leaves(self.root):
            kind = leaf.type
            if kind in _BRACES and not leaf.is_missing:  # else put in by the parser to make sense of the rest
                depth += _BRACES[kind]
                found.append(Brace(leaf.end_byte, depth))
        return tuple(found)

    def function(self, name: str) -> Item | None:
        """The last top-level part that is the function `name` or has it inside; the former goes first."""
        if name not in self._found:
            self._found[name] = self._find(name)
        return self._found[name]

    def is_stub(self, name: str) -> bool:
        """Whether the function `name` has no body but one that is empty or refuses its work, such as `todo!()`."""
        functions = (node for node in walk(self.root) if node.type in self.syntax.function_nodes)
        own = [node for node in functions if name in set(self._names(node))]
        bodies = [body for node in own if (body := node.child_by_field_name("body")) is not None]
        if not bodies:  # a signature alone; of a JavaScript variable, the value says
            return any(node.type in _HAVE_BODIES for node in own)
        body = bodies[-1]
        statements = [child for child in body.named_children if "comment" not in child.type]
        return not statements or (len(statements) == 1 and bool(_REFUSAL.match(self.text_of(statements[0]))))

    def names_used(self) -> Iterator[tuple[int, str]]:
        """Every name in the program, in strings and comments none, with the byte where it stands."""
        return ((leaf.start_byte, self.text_of(leaf)) for leaf in leaves(self.root) if leaf.type in _NAME_NODES)

    def inside_text(self, byte: int) -> bool:
        """Whether the character at `byte` stands in a string, character or comment."""
        return inside(self.root, byte, self.syntax.text_nodes)

    def text_of(self, node: Node) -> str:
        """What the node stands for in the source."""
        return self.slice(node.start_byte, node.end_byte)

    def slice(self, start: int, end: int) -> str:
        return self.data[start:end].decode("utf-8", "surrogatepass")

    def without(self, spans: Iterable[tuple[int, int]], put: str = "") -> str:
        """The text without these parts, bytes in their order; `put` stands in place of each."""
        kept: list[str] = []
        position = 0
        for start, end in spans:
            kept += self.slice(position, start), put
            position = end
        return "".join([*kept, self.slice(position, len(self.data))])

    def _find(self, name: str) -> Item | None:
        inner = None
        for item, node in zip(reversed(self.items), reversed(self.root.named_children), strict=True):
            # whether the text holds the name is cheaper to see than which functions stand in it
            if not item.names or name not in item.text or (inner and name not in item.names):
                continue
            functions = (each for each in walk(node) if each.type in self.syntax.function_nodes)
            if any(name in self._names(each) for each in functions):
                if name in item.names:
                    return item
                inner = item
        return inner

    def _names(self, node: Node, depth: int = 0) -> Iterator[str]:
        """The names a node binds, found by its fields, else by what it wraps."""
        if node.type in _NAME_NODES:
            yield self.text_of(node)
        if node.type in _NAME_NODES or depth > _DEEPEST_NAME:
            return
        found = node.children_by_field_name("name") or node.children_by_field_name("declarator")
        kinds = self.syntax.definition_nodes
        inner = (each for each in node.named_children if each.type in kinds or each.type.endswith("declarator"))
        for child in found or inner:
            yield from self._names(child, depth + 1)


def outlined(text: str, language: str) -> Outline:
    """The text's Outline; the rules ask for the same ones again and again. Raises OverBudgetError."""
    return _outlined(text, language) if len(text) <= _LONG else _outlined_long(text, language)


def forget_outlines() -> None:
    """Gives back the memory of what was parsed."""
    _outlined.cache_clear()
    _outlined_long.cache_clear()


_outlined = lru_cache(maxsize=64)(Outline)
_outlined_long = lru_cache(maxsize=2)(Outline)
