"""Packages beside this one: which extra a module belongs to, the command that installs an extra here, and what other
packages add to ours by their entry points."""

import json
import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import EntryPoint, PackageNotFoundError, distribution, entry_points
from pathlib import Path
from typing import Any

_MODULES = {"google": "protobuf", "sentence_transformers": "sentence-transformers", "yaml": "pyyaml"}
"""Packages whose module has another name, as far as it is not their name with other punctuation."""


def entry_points_of(group: str) -> tuple[EntryPoint, ...]:
    """The entry points of a group, by name; loads none of them."""
    return tuple(sorted(_installed(tuple(sys.path)).select(group=group), key=lambda point: point.name))


@cache
def _installed(_path: tuple[str, ...]) -> Any:  # its type has another name from Python 3.12 on
    """Reads the metadata of every package on the path, so once for all groups."""
    return entry_points()


def install_command(extra: str) -> str:
    """The command that adds an extra to the environment that runs now, from where wavebench itself was installed."""
    try:
        text = distribution("wavebench").read_text("direct_url.json") or "{}"
    except PackageNotFoundError:
        text = "{}"
    origin = json.loads(text)
    url, options = str(origin.get("url", "")), ""
    what = f"wavebench[{extra}]"
    if origin.get("dir_info") is not None and url.startswith("file://"):
        options = "-e " if origin["dir_info"].get("editable") else ""
        what = f"{_shortest(Path(url.removeprefix('file://')))}[{extra}]"
    elif url:
        what = f"wavebench[{extra}] @ {url}"
    return f"{_pip()} install {options}{shlex.quote(what)}"


def extra_of(module: str) -> str:
    """The first extra that brings a module; empty where none does."""
    top = module.partition(".")[0]
    wanted = _MODULES.get(top, top).replace("_", "-").lower()
    return next((extra for extra, package in _requirements() if package == wanted), "")


def missing_packages() -> dict[str, list[str]]:
    """By extra, that of developers left out: which of its packages are not installed, in whatever version."""
    missing: dict[str, list[str]] = {}
    for extra, package in _requirements():
        if extra != "dev":
            missing.setdefault(extra, [])
            try:
                distribution(package)
            except PackageNotFoundError:
                missing[extra].append(package)
    return missing


def _requirements() -> Iterator[tuple[str, str]]:
    """Each extra with each of its packages; nothing where wavebench itself is not installed."""
    try:
        requirements = distribution("wavebench").requires or ()
    except PackageNotFoundError:
        return
    for requirement in requirements:
        name = re.match(r"[\w.-]+", requirement)
        extra = re.search(r"extra == ['\"]([^'\"]+)['\"]", requirement)
        if name and extra:
            yield extra[1], name[0].replace("_", "-").lower()


def _pip() -> str:
    """pip of this environment, which is not that of the shell where the command was called by its path."""
    own = Path(sys.prefix, "bin", "pip")
    found = shutil.which("pip")
    return "pip" if not own.exists() or (found and Path(found).resolve() == own.resolve()) else _shortest(own)


def _shortest(path: Path) -> str:
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative
