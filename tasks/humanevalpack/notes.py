"""What is known to be wrong with single problems."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


def unsound() -> Mapping[str, str]:
    """Problems whose reference or tests cannot be relied on, with the evidence."""
    return {task_id: note["unsound"] for task_id, note in _notes().items() if "unsound" in note}


def has_sound_declaration(task_id: str) -> bool:
    """Whether a program may begin with the row's declaration."""
    return "declaration" not in _notes().get(task_id, {})


def bears_helper(task_id: str) -> bool:
    """Whether a program may begin with the language's import helper."""
    return "helper" not in _notes().get(task_id, {})


@cache
def _notes() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads((files("tasks.humanevalpack") / "notes.toml").read_text(encoding="utf-8"))
