"""What other packages add: entry points of the groups below, which their pyproject.toml names."""

from functools import cache
from importlib.metadata import EntryPoint, entry_points

TASKS = "wavebench.tasks"
"""A task's name -> a `Benchmark`, or just its `Loader`."""
STYLES = "wavebench.styles"
"""Any name -> a folder of the package with prompt styles: BENCHMARK.toml, as those in tasks/styles."""


@cache
def outside(group: str) -> tuple[EntryPoint, ...]:
    """The entry points of a group, by name; loads none of them."""
    return tuple(sorted(entry_points(group=group), key=lambda point: point.name))
