"""Objects of JSON whose names are unique, as their writers meant them."""

from typing import Any


def unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An `object_pairs_hook` for `json.loads` that raises ValueError for a name that an object has twice.

    JSON's readers keep the last of the two values and say nothing.
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"it has the name {repeated!r} twice")
    return found
