"""Makes an answer and a problem's own code fit together: what was left out is put back, what stands twice taken out."""

from collections.abc import Callable, Iterator

from tasks.extraction.outline import Item, Outline, leaves, node_text, outlined


def restored(code: str, prompt: str, entry_point: str, language: str) -> str:
    """The code behind those imports and helpers of the prompt that it does not bring itself.

    Imports that may not stand twice are left alone.
    """
    outline = outlined(code, language)
    offered = list(_offered(prompt, entry_point, language))
    helpers = [item for item in offered if item.names and not item.names & outline.defined()]
    imports = [item for item in offered if not item.names and outline.syntax.idempotent_imports]
    if not helpers and all(item.text in code for item in imports):
        return code
    return "\n".join([*(item.text for item in [*imports, *helpers]), code])


def without(code: str, language: str, unwanted: Callable[[Item], bool]) -> str:
    """The code without those top-level parts."""
    outline = outlined(code, language)
    kept, position = "", 0
    for item in outline.items():
        if unwanted(item):
            kept += outline.slice(position, item.start)
            position = item.end
    return kept + outline.slice(position, len(outline.data))


def without_tests_names(code: str, test: str, language: str) -> str:
    """The code without definitions that the tests make too and it does not use: its own main function, test classes."""
    taken = {name for item in outlined(test, language).items() for name in item.names}
    outline = outlined(code, language)
    unwanted = {
        item.start for item in outline.items() if item.names & taken and not _is_used(outline, item, item.names & taken)
    }
    return without(code, language, lambda item: item.start in unwanted) if unwanted else code


def _is_used(outline: Outline, item: Item, names: frozenset[str]) -> bool:
    """Whether one of the names stands in the code outside the part that defines it."""
    outside = (leaf for leaf in leaves(outline.root) if not item.start <= leaf.start_byte < item.end)
    return any(leaf.is_named and node_text(leaf) in names for leaf in outside)


def _offered(prompt: str, entry_point: str, language: str) -> Iterator[Item]:
    """The prompt's imports and the definitions that stand before the function to be written."""
    outline = outlined(prompt.rstrip() + "\n" + "}" * _open_blocks(prompt, language), language)
    own = outline.function(entry_point)
    for item in outline.items():
        if own is not None and item.start >= own.start:
            return
        if item.names or item.kind in outline.syntax.import_nodes:
            yield item


def _open_blocks(text: str, language: str) -> int:
    return max(0, next((brace.depth for brace in reversed(list(outlined(text, language).braces()))), 0))
