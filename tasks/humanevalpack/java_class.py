"""The tests of HumanEvalPack's Java call methods of a class `Solution` that may not be public."""

from tree_sitter import Node

from tasks.extraction.outline import outlined
from tasks.extraction.tree import leaves
from tasks.humanevalpack.restore import without

_SOLUTION = "Solution"
_MEMBERS = ("method_declaration", "field_declaration", "local_variable_declaration")


def in_solution_class(code: str, entry_point: str) -> str:
    """The code with the entry point in a class `Solution`, and no public class but none at all."""
    own = outlined(code, "java").function(entry_point)
    if own is None:
        return _without_public(code)
    outline = outlined(code, "java")
    if own.kind in _MEMBERS:  # members that stand alone get a class
        members = [item.text for item in outline.items if item.kind in _MEMBERS]
        others = without(code, "java", lambda item: item.kind in _MEMBERS).strip()
        code = "\n".join([others, f"class {_SOLUTION} {{", *members, "}"])
    elif _SOLUTION not in own.names:
        # the one found first may be a helper's: a class `Solution` that has the entry point too is meant
        solutions = [item for item in outline.items if _SOLUTION in item.names]
        if not any(outlined(item.text, "java").function(entry_point) for item in solutions):
            old = next(iter(own.names))
            places = (leaf for leaf in leaves(outline.root) if leaf.is_named and outline.text_of(leaf) == old)
            code = outline.without(((leaf.start_byte, leaf.end_byte) for leaf in places), put=_SOLUTION)
    return _without_public(code)


def _without_public(code: str) -> str:
    """One file may hold one public class, and that is the tests' own."""
    outline = outlined(code, "java")
    nodes = outline.root.named_children
    classes = (node for node in nodes if node.type.endswith("_declaration") and node.type not in _MEMBERS)
    words: list[Node] = []
    for node in classes:
        modifiers = next((child for child in node.children if child.type == "modifiers"), None)
        words += [child for child in modifiers.children if child.type == "public"][:1] if modifiers else ()
    return outline.without((word.start_byte, word.end_byte) for word in words)
