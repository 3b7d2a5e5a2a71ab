"""Rust refuses a name that is brought in twice: of the prompt's `use` lines only what is missing is put back.

It also refuses two main functions, of which bigcode-evaluation-harness keeps the first.
"""

from collections.abc import Iterator

from tree_sitter import Node

from tasks.extraction.outline import Outline, outlined
from tasks.humanevalpack.restore import without

_DEEPEST_USE = 30
"""Braces within braces that are looked into; an answer may nest thousands."""


def missing_uses(code: str, prompt: str) -> str:
    """One `use` line for each name that the prompt brings in and the code neither brings in nor defines."""
    outline = outlined(code, "rust")
    known = {name for name, _ in _uses(code)} | {name for item in outline.items for name in item.names}
    return "".join(f"use {path};\n" for name, path in _uses(prompt) if name not in known)


def _uses(text: str) -> Iterator[tuple[str, str]]:
    """Name and path of everything that top-level `use` declarations bring in."""
    outline = outlined(text, "rust")
    for node in outline.root.children:
        argument = node.child_by_field_name("argument") if node.type == "use_declaration" else None
        if argument is not None:
            yield from _leaves(outline, argument, "")


def _leaves(outline: Outline, node: Node, prefix: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    if depth > _DEEPEST_USE:
        return
    match node.type:
        case "use_list":
            for child in node.named_children:
                yield from _leaves(outline, child, prefix, depth + 1)
        case "scoped_use_list":
            path, inner = node.child_by_field_name("path"), node.child_by_field_name("list")
            inside = f"{prefix}{outline.text_of(path)}::" if path else prefix
            yield from _leaves(outline, inner, inside, depth + 1) if inner else ()
        case "use_as_clause":
            alias = node.child_by_field_name("alias")
            yield outline.text_of(alias) if alias else "", prefix + outline.text_of(node)
        case "use_wildcard":
            yield prefix + outline.text_of(node), prefix + outline.text_of(node)
        case "self":
            path = prefix.removesuffix("::")
            yield path.rpartition("::")[2], path
        case _:
            path = prefix + outline.text_of(node)
            yield path.rpartition("::")[2], path


def with_one_main(code: str) -> str:
    """The code with its first main function alone, or an empty one."""
    mains = [item.start for item in outlined(code, "rust").items if "main" in item.names]
    if not mains:
        return f"{code}\nfn main(){{}}\n"
    return without(code, "rust", lambda item: item.start in mains[1:])
