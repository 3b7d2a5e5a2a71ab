"""Optional dependencies: which extra a module belongs to, and the command that installs an extra here."""

import json
import os
import re
import shlex
import shutil
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

_MODULES = {"google": "protobuf", "sentence_transformers": "sentence-transformers", "yaml": "pyyaml"}
"""Packages whose module has another name, as far as it is not their name with other punctuation."""


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
    for requirement in distribution("wavebench").requires or ():
        name = re.match(r"[\w.-]+", requirement)
        extra = re.search(r"extra == ['\"]([^'\"]+)['\"]", requirement)
        if name and extra and name[0].replace("_", "-").lower() == wanted:
            return extra[1]
    return ""


def _pip() -> str:
    """pip of this environment, which is not that of the shell where the command was called by its path."""
    own = Path(sys.prefix, "bin", "pip")
    found = shutil.which("pip")
    return "pip" if not own.exists() or (found and Path(found).resolve() == own.resolve()) else _shortest(own)


def _shortest(path: Path) -> str:
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative
