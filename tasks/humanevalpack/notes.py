"""What is known to be wrong with single problems."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class OwnTypes:
    """A type that a problem's solution defines and its tests use, for a tester and a candidate that run apart."""

    tester: str = ""
    """Its definition, and how it is read from plain values."""
    candidate: str = ""
    """How it is written as plain values."""


def unsound() -> Mapping[str, str]:
    """Problems whose reference or tests cannot be relied on, with the evidence."""
    return {task_id: note["unsound"] for task_id, note in _notes().items() if "unsound" in note}


def has_sound_declaration(task_id: str) -> bool:
    """Whether a program may begin with the row's declaration."""
    return "declaration" not in _notes().get(task_id, {})


def bears_helper(task_id: str) -> bool:
    """Whether a program may begin with the language's import helper."""
    return "helper" not in _notes().get(task_id, {})


def own_types(task_id: str) -> OwnTypes:
    """The types of the problem that only its solution defines; empty texts for nearly all."""
    return OwnTypes(**_notes().get(task_id, {}).get("own_types", {}))


@cache
def _notes() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads((files("tasks.humanevalpack") / "notes.toml").read_text(encoding="utf-8"))
