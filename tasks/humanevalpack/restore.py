"""Makes an answer and a problem's own code fit together: what was left out is put back, what stands twice taken out."""

from bisect import bisect_right
from collections.abc import Callable
from functools import lru_cache

from tasks.extraction.outline import Item, outlined


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
    if not unwanted:
        return code
    places = [item.start for item in unwanted]  # in the code's order, so that a place is found by halving
    used: set[str] = set()
    for byte, name in outline.names_used():
        before = bisect_right(places, byte) - 1
        if before < 0 or byte >= unwanted[before].end:
            used.add(name)
    starts = {item.start for item in unwanted if not item.names & taken & used}
    return without(code, language, lambda item: item.start in starts) if starts else code


@lru_cache(maxsize=1024)
def _offered(prompt: str, entry_point: str, language: str) -> tuple[Item, ...]:
    """The prompt's imports and the definitions that stand before the function to be written."""
    outline = outlined(closed(prompt, language), language)
    own = outline.function(entry_point)
    before = (item for item in outline.items if own is None or item.start < own.start)
    return tuple(item for item in before if item.names or item.kind in outline.syntax.import_nodes)


def closed(prompt: str, language: str) -> str:
    """The prompt with its open blocks closed: a parser makes one broken statement of all that stands in an open one."""
    depth = next((brace.depth for brace in reversed(outlined(prompt, language).braces)), 0)
    return prompt.rstrip() + "\n" + "}" * max(0, depth)
