"""Keeps a user's own `tasks.py` or `harness.py` from being imported in place of ours."""

import sys
from importlib.util import find_spec
from pathlib import Path

ROOMS = ("sandbox", "tasks", "harness", "leaderboards", "datagen")
HOME = Path(__file__).resolve().parents[1]
"""The folder that holds the rooms."""


def drop_current_folder() -> None:
    """Takes off `sys.path` what `python -m` put first: the folder that the command was started in."""
    if not sys.flags.safe_path and Path.cwd() == Path(sys.path[0]).resolve() != HOME:
        del sys.path[0]


def refuse_shadowed_rooms() -> None:
    """Raises ImportError naming a file of the user's that has the name of one of our packages."""
    for room in ROOMS:
        spec = find_spec(room)
        origin = Path(spec.origin).resolve() if spec and spec.origin else None
        if origin != HOME / room / "__init__.py":
            found = f"{str(origin)!r} stands in its place: rename that file" if origin else "it cannot be found"
            raise ImportError(f"wavebench needs its own package {room!r}, but {found}.")
