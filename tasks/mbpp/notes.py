"""What is known to be wrong with single problems of MBPP."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files


def unsound() -> Mapping[str, str]:
    """Problems whose tests cannot be relied on, with the evidence."""
    notes = tomllib.loads((files("tasks.mbpp") / "notes.toml").read_text(encoding="utf-8"))
    return {task_id: note["unsound"] for task_id, note in notes.items()}
