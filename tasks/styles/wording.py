"""The wording of a benchmark's prompt styles as TOML holds it: wavebench's own file, then those of other packages."""

import tomllib
from importlib.metadata import EntryPoint
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from sandbox.extras import entry_points_of
from tasks.entry_points import STYLES
from tasks.errors import TaskError


def style_rows(benchmark: str) -> dict[str, dict[str, Any]]:
    """Every style of a benchmark by name, the default one first. A package adds styles and replaces none.

    TaskError for a file that is not TOML, and for a package whose folder of styles is not there.
    """
    found: dict[str, dict[str, Any]] = {}
    for folder in (files("tasks.styles"), *map(_folder, entry_points_of(STYLES))):
        file = folder / f"{benchmark}.toml"
        if not file.is_file():
            continue
        try:
            rows = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise TaskError(f"{file} is not TOML: {error}.") from error
        found |= {name: row for name, row in rows.items() if name not in found}
    return found


def _folder(point: EntryPoint) -> Traversable:
    """A folder of a package need not be a package itself, so its outermost package alone is imported."""
    package, *inner = point.value.split(".")
    try:
        return files(package).joinpath(*inner)
    except ImportError as error:
        raise TaskError(f"The prompt styles {point.value} cannot be imported: {error}.") from error
