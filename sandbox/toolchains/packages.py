"""The third-party Python packages that programs may import; nothing else of the host's environment is shown."""

from importlib.util import find_spec
from pathlib import Path

OFFERED = ("numpy",)
"""HumanEvalPack's import helper asks for numpy."""


def offered_packages() -> dict[str, str]:
    """Folders by the name under which programs see them; a package that is not installed is left out."""
    folders: dict[str, str] = {}
    for name in OFFERED:
        spec = find_spec(name)
        if spec and spec.origin:
            package = Path(spec.origin).resolve().parent  # links may lead to what a new root does not show
            libraries = package.with_name(f"{name}.libs")
            folders |= {folder.name: str(folder) for folder in (package, libraries) if folder.is_dir()}
    return folders
