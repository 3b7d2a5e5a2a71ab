"""The tests of HumanEvalPack's Java call methods of a class `Solution` that may not be public."""

from tasks.extraction.outline import Item, Outline, leaves, node_text, outlined
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
    elif _SOLUTION not in own.names:
        code = _renamed(outlined(code, "java"), own)
    return _without_public(code)


def _wrapped(code: str) -> str:
    """Members that stand alone, in a class."""
    members = [item.text for item in outlined(code, "java").items() if item.kind in _MEMBERS]
    others = without(code, "java", lambda item: item.kind in _MEMBERS).strip()
    return "\n".join([others, f"class {_SOLUTION} {{", *members, "}"])


def _renamed(outline: Outline, own: Item) -> str:
    old = next(iter(own.names))
    places = [leaf for leaf in leaves(outline.root) if leaf.is_named and node_text(leaf) == old]
    kept, position = "", 0
    for leaf in places:
        kept += outline.slice(position, leaf.start_byte) + _SOLUTION
        position = leaf.end_byte
    return kept + outline.slice(position, len(outline.data))


def _without_public(code: str) -> str:
    """One file may hold one public class, and that is the tests' own."""
    outline = outlined(code, "java")
    kept, position = "", 0
    for node in outline.root.named_children:
        modifiers = next((child for child in node.children if child.type == "modifiers"), None)
        word = next((child for child in modifiers.children if child.type == "public"), None) if modifiers else None
        if word is not None and node.type.endswith("_declaration") and node.type not in _MEMBERS:
            kept += outline.slice(position, word.start_byte)
            position = word.end_byte
    return kept + outline.slice(position, len(outline.data))
