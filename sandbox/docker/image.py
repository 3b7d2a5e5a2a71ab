"""The image that sandbox containers are made of: what goes into it, and the name that says so.

Standard library only, so that scripts can ask before anything is installed: `python3 -m sandbox.docker.image --help`.
"""

import argparse
import hashlib
import sys
import tomllib
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from sandbox.toolchains.cache_folder import cache_folder

_ROOM = Path(__file__).parents[1]
_RECIPE = Path(__file__).with_name("recipe")
_LANGUAGES = _ROOM / "languages.toml"

REPOSITORY = "wavebench-sandbox"
LABEL = "wavebench.recipe"
"""Label of an image that holds `recipe_digest` of what it was built from."""

_PYTHON_PACKAGES = ("python3", "python3-numpy")
_COMPILERS_NOT_IN_ROWS = ("rustc", "cargo")
"""Elsewhere people have them from rustup."""


class Variant(StrEnum):
    """How much an image can run."""

    PYTHON = "python"
    """Python and numpy; 0.2 GB."""
    LANGUAGES = "languages"
    """All languages of the sandbox."""


def debian_packages(variant: Variant) -> list[str]:
    """Names for apt-get."""
    packages = [*_PYTHON_PACKAGES]
    if variant is Variant.LANGUAGES:
        rows = tomllib.loads(_LANGUAGES.read_text()).values()
        packages += [name for row in rows for name in row.get("debian_packages", ())]
        packages += _COMPILERS_NOT_IN_ROWS
    return list(dict.fromkeys(packages))


def recipe_digest(variant: Variant) -> str:
    """SHA-256 over all that decides what is in the image, except for Debian's state on the day."""
    digest = hashlib.sha256("\n".join(debian_packages(variant)).encode())
    files = [path for path in _RECIPE.rglob("*") if path.is_file()]
    if variant is Variant.LANGUAGES:
        files += [_LANGUAGES, *(path for path in (_ROOM / "toolchains" / "sources").rglob("*") if path.is_file())]
    for path in sorted(files):
        digest.update(f"\0{path.relative_to(_ROOM)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def image_name(variant: Variant) -> str:
    """Repository and tag; a new recipe has a new tag, so an old image is never taken for it."""
    return f"{REPOSITORY}:{variant}-{recipe_digest(variant)[:12]}"


def main() -> None:
    """Prints one fact of an image, for scripts."""
    questions: dict[str, Callable[[Variant], str]] = {
        "name": image_name,
        "label": lambda variant: f"{LABEL}={recipe_digest(variant)}",
        "packages": lambda variant: " ".join(debian_packages(variant)),
        "cache": lambda _: str(cache_folder() / "images"),  # the file systems of images, for the next engine
    }
    parser = argparse.ArgumentParser(prog="python3 -m sandbox.docker.image", description=main.__doc__)
    parser.add_argument("question", choices=questions)
    parser.add_argument("variant", type=Variant, choices=list(Variant), default=Variant.PYTHON, nargs="?")
    asked = parser.parse_args()
    sys.stdout.write(questions[asked.question](asked.variant) + "\n")


if __name__ == "__main__":
    main()
