"""What HumanEvalPack must know of a language: one row of languages.toml each."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class PackLanguage:
    """How one language is asked for, put together and judged."""

    code: str
    """The data's own name of it."""
    sandbox: str
    """Its name in the sandbox, and of its syntax."""
    title: str
    """Its name in instructions."""
    fence: str
    """The word behind an opening fence."""
    extension: str
    bare_head: str = ""
    """Stands before a declaration without documentation."""
    stop: tuple[str, ...] = ()
    """Where a function's continuation has ended for certain."""
    upstream_stop: tuple[str, ...] = ()
    """What upstream ends it at besides, although right functions hold it."""
    own_main: str = ""
    """Where a class that never closes is cut."""
    helper: str = ""
    """Stands before every program."""
    packages: tuple[str, ...] = ()
    """Packages that a program may use without importing them."""
    silent: bool = False
    """Whether any output fails a program, as upstream has it."""
    wrong: str = ""
    """Pattern in the output of a program that a test refuted."""
    error: str = ""
    """Pattern of the line in which a program that failed otherwise says why."""
    refused: str = ""
    """Pattern of the compiler's first complaint."""


@cache
def pack_languages() -> Mapping[str, PackLanguage]:
    """Every language by the data's own name of it."""
    table = tomllib.loads((files("tasks.humanevalpack") / "languages.toml").read_text(encoding="utf-8"))
    found: dict[str, PackLanguage] = {}
    for code, row in table.items():
        lists = {key: tuple(row.pop(key)) for key in ("stop", "upstream_stop", "packages") if key in row}
        found[code] = PackLanguage(code=code, **lists, **row)
    return found
