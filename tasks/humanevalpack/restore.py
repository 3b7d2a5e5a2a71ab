"""Makes an answer and a problem's own code fit together: what was left out is put back, what stands twice taken out."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import lru_cache

from tasks.extraction.outline import Item, Outline, outlined


def restored(code: str, prompt: str, entry_point: str, language: str) -> str:
    """The code behind those imports and helpers of the prompt that it does not bring itself.

    Imports that may not stand twice are left alone.
    """
    outline = outlined(code, language)
    offered = _offered(prompt, entry_point, language)
    helpers = [item for item in offered if item.names and not item.names & outline.defined]
    imports = [item for item in offered if not item.names and outline.syntax.idempotent_imports]
    if not helpers and all(item.text in code for item in imports):
        return code
    return "\n".join([*(item.text for item in [*imports, *helpers]), code])


def without(code: str, language: str, unwanted: Callable[[Item], bool]) -> str:
    """The code without those top-level parts."""
    outline = outlined(code, language)
    return outline.without((item.start, item.end) for item in outline.items if unwanted(item))


def without_tests_names(code: str, test: str, language: str) -> str:
    """The code without definitions that the tests make too and it does not use: its own main function, test classes."""
    taken = outlined(test, language).defined
    outline = outlined(code, language)
    unwanted = [item for item in outline.items if item.names & taken]
    used = _used_outside(outline, unwanted) if unwanted else frozenset[str]()
    starts = {item.start for item in unwanted if not item.names & taken & used}
    return without(code, language, lambda item: item.start in starts) if starts else code


def _used_outside(outline: Outline, items: Sequence[Item]) -> frozenset[str]:
    """The names that stand in the code outside these parts, which come in its order."""
    starts = [item.start for item in items]

    def inside(byte: int) -> bool:
        before = bisect_right(starts, byte) - 1
        return before >= 0 and byte < items[before].end

    return frozenset(name for byte, name in outline.names_used() if not inside(byte))


@lru_cache(maxsize=1024)
def _offered(prompt: str, entry_point: str, language: str) -> tuple[Item, ...]:
    """The prompt's imports and the definitions that stand before the function to be written."""
    outline = outlined(closed(prompt, language), language)
    own = outline.function(entry_point)
    before = (item for item in outline.items if own is None or item.start < own.start)
    return tuple(item for item in before if item.names or item.kind in outline.syntax.import_nodes)


def closed(prompt: str, language: str) -> str:
    """The prompt with its open blocks closed, so that it parses."""
    return prompt.rstrip() + "\n" + "}" * _open_blocks(prompt, language)


def _open_blocks(text: str, language: str) -> int:
    return max(0, next((brace.depth for brace in reversed(outlined(text, language).braces)), 0))
