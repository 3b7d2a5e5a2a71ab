"""What a problem's prompt declares: the function that is asked for, and what stands before it. All of it is trusted."""

from collections.abc import Iterable
from dataclasses import dataclass

from tree_sitter import Node

from tasks.errors import TaskError
from tasks.extraction.outline import Item, Outline, outlined
from tasks.extraction.tree import walk
from tasks.humanevalpack.problem import PackProblem
from tasks.humanevalpack.restore import closed


class CannotSplitError(TaskError):
    """The tests of a problem cannot run apart from a candidate; says why, for a reader of reports."""


@dataclass(frozen=True, slots=True)
class Declared:
    """The function that a problem asks for, as a node of its prompt with all blocks closed."""

    outline: Outline
    node: Node
    item: Item
    """The top-level part of the prompt that it is, or is in."""

    @property
    def before(self) -> tuple[Item, ...]:
        """The prompt's imports, types and helpers."""
        return tuple(item for item in self.outline.items if item.start < self.item.start and "comment" not in item.kind)

    @property
    def body(self) -> Node:
        return self.field(self.node, "body")

    @property
    def head(self) -> str:
        """The declaration up to its body."""
        return self.outline.slice(self.node.start_byte, self.body.start_byte).rstrip()

    def field(self, node: Node, name: str) -> Node:
        """A part that must be there. Raises CannotSplitError."""
        found = node.child_by_field_name(name)
        if found is None:
            raise CannotSplitError(f"the declaration {self.outline.text_of(node)[:80]!r} has no {name}")
        return found

    def text(self, node: Node | None) -> str:
        """The node's text with single blanks; empty without a node."""
        return " ".join(self.outline.text_of(node).split()) if node is not None else ""

    def refuse_others(self, node: Node, kinds: Iterable[str], known: frozenset[str]) -> None:
        """Raises CannotSplitError where one of the names of these kinds in a type is none that can cross."""
        wanted = frozenset(kinds)
        for part in walk(node):
            if part.type in wanted and self.text(part) not in known:
                raise CannotSplitError(f"a value of the type {self.text(node)} cannot cross between two processes")


def declared_in(problem: PackProblem) -> Declared:
    """The function's last declaration in the prompt. Raises CannotSplitError."""
    outline = outlined(closed(problem.prompt, problem.language), problem.language)
    item = outline.function(problem.function)
    if item is None:
        raise CannotSplitError(f"the prompt does not declare the function {problem.function}")
    inside = (node for node in walk(outline.root) if item.start <= node.start_byte and node.end_byte <= item.end)
    functions = (node for node in inside if node.type in outline.syntax.function_nodes)
    found = [node for node in functions if _name(outline, node) == problem.function]
    if not found:
        raise CannotSplitError(f"the prompt does not declare the function {problem.function}")
    return Declared(outline, found[-1], item)


def _name(outline: Outline, node: Node) -> str:
    """The name that a function's node binds, behind whatever declarators stand around it."""
    inner: Node | None = node
    while inner is not None and inner.child_by_field_name("name") is None:
        inner = inner.child_by_field_name("declarator")
        if inner is not None and inner.type in ("identifier", "field_identifier"):
            return outline.text_of(inner)
    name = inner.child_by_field_name("name") if inner is not None else None
    return outline.text_of(name) if name is not None else ""
