"""Language features that an answer uses and the toolchain is too old for: such a failure is not the model's."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class NewerFeature:
    """One feature, recognised by what its absence makes a compiler say. The rows stand in newer_features.toml."""

    feature: str
    since: str
    """The first release that has it."""
    complaint: str
    """Pattern in the words of compiler or program."""
    source: str
    """Where `since` is written."""
    code: str = ""
    """Pattern that the code has besides; empty where the complaint alone is enough."""

    def __str__(self) -> str:
        return f"{self.feature} ({self.since})"


@cache
def newer_features() -> Mapping[str, Sequence[NewerFeature]]:
    """All rows by the sandbox's name of their language."""
    table = tomllib.loads((files("tasks") / "newer_features.toml").read_text(encoding="utf-8"))
    return {language: tuple(NewerFeature(**row) for row in rows) for language, rows in table.items()}


def newer_feature(language: str, said: str, code: str) -> NewerFeature | None:
    """The first feature whose absence explains what compiler or program said about the code; None where none does."""
    for row in newer_features().get(language, ()):
        if re.search(row.complaint, said) and (not row.code or re.search(row.code, code)):
            return row
    return None
