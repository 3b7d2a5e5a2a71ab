"""What is known to be wrong with single problems."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from tasks.humanevalpack.problem import PackProblem


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


def unsound_among(problems: Iterable[PackProblem], sources: Mapping[str, PackProblem]) -> dict[str, str]:
    """Those of `problems`; a translation is as unsound as what it is made from."""
    known, found = unsound(), dict[str, str]()
    for problem in problems:
        source = sources.get(problem.number)
        reasons = [known[problem.task_id]] if problem.task_id in known else []
        if source and source.task_id in known:
            reasons.append(f"Its source is {source.task_id}: {known[source.task_id]}")
        if reasons:
            found[problem.task_id] = " ".join(reasons)
    return found


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
