"""Pages that are one file each, in the look that all of them share."""

import os
from contextlib import suppress
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from sandbox.toolchains.cache_folder import cache_folder
from tasks.verdict import Verdict

if TYPE_CHECKING:
    from jinja2 import BytecodeCache, Environment

LOOK_FILES = ("look.css", "look.js")
LETTERS = {
    Verdict.PASSED: "P",
    Verdict.WRONG: "W",
    Verdict.ERROR: "E",
    Verdict.TIMEOUT: "T",
    Verdict.OUT_OF_MEMORY: "M",
    Verdict.NOT_COMPILED: "C",
    Verdict.NO_CODE: "N",
    Verdict.FORGED: "F",
    Verdict.NOT_JUDGED: "J",
}
"""One for each verdict, so that no page tells them apart by colour alone."""


def look_file(name: str) -> str:
    """The shared style sheet or script."""
    return (files("harness.pages") / name).read_text(encoding="utf-8")


def page_environment(package: str, folder: str = "pages") -> "Environment":
    """Templates in a folder of a package; those that extend `frame.html.jinja` get style and script inside."""
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment: Any = Environment(
        loader=ChoiceLoader([PackageLoader(package, folder), PackageLoader("harness.pages", ".")]),
        bytecode_cache=_compiled_templates(),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in LOOK_FILES:
        environment.globals[name.replace(".", "_")] = Markup(look_file(name))
    environment.globals["letters"] = {verdict.value: letter for verdict, letter in LETTERS.items()}
    return environment


def _compiled_templates() -> "BytecodeCache | None":
    """To compile a report's templates takes 0.1 s, which short runs would notice. None where nothing can be kept."""
    from jinja2 import FileSystemBytecodeCache

    folder = cache_folder() / "pages"
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    return FileSystemBytecodeCache(str(folder)) if os.access(folder, os.W_OK) else None
