"""The tests of HumanEvalPack's Java call methods of a class `Solution` that may not be public."""

from tree_sitter import Node

from tasks.extraction.outline import Item, Outline, outlined
from tasks.extraction.tree import leaves
from tasks.humanevalpack.restore import without

_SOLUTION = "Solution"
_MEMBERS = ("method_declaration", "field_declaration", "local_variable_declaration")


def in_solution_class(code: str, entry_point: str) -> str:
    """The code with the entry point in a class `Solution`, and no public class but none at all."""
    own = outlined(code, "java").function(entry_point)
    if own is None:
        return _without_public(code)
    if own.kind in _MEMBERS:
        code = _wrapped(code)
    elif _SOLUTION not in own.names and not _is_in_solution(code, entry_point):
        code = _renamed(outlined(code, "java"), own)
    return _without_public(code)


def _is_in_solution(code: str, entry_point: str) -> bool:
    """Whether a class `Solution` has the entry point too, beside the one that was found."""
    outline = outlined(code, "java")
    solutions = [item for item in outline.items if _SOLUTION in item.names]
    return any(outlined(item.text, "java").function(entry_point) is not None for item in solutions)


def _wrapped(code: str) -> str:
    """Members that stand alone, in a class."""
    members = [item.text for item in outlined(code, "java").items if item.kind in _MEMBERS]
    others = without(code, "java", lambda item: item.kind in _MEMBERS).strip()
    return "\n".join([others, f"class {_SOLUTION} {{", *members, "}"])


def _renamed(outline: Outline, own: Item) -> str:
    old = next(iter(own.names))
    places = (leaf for leaf in leaves(outline.root) if leaf.is_named and outline.text_of(leaf) == old)
    return outline.without(((leaf.start_byte, leaf.end_byte) for leaf in places), put=_SOLUTION)


def _without_public(code: str) -> str:
    """One file may hold one public class, and that is the tests' own."""
    outline = outlined(code, "java")
    nodes = outline.root.named_children
    classes = (node for node in nodes if node.type.endswith("_declaration") and node.type not in _MEMBERS)
    words = (word for node in classes if (word := _public(node)))
    return outline.without((word.start_byte, word.end_byte) for word in words)


def _public(declaration: Node) -> Node | None:
    """The word `public` among its modifiers."""
    modifiers = next((child for child in declaration.children if child.type == "modifiers"), None)
    return next((child for child in modifiers.children if child.type == "public"), None) if modifiers else None
