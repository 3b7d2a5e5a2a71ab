"""What is wrong with a row of a user's own problems."""

from dataclasses import dataclass
from typing import Any

_SHOWN_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with one column, before anybody knows in which row it stands."""

    column: str
    what: str
    """Goes on after "COLUMN = VALUE", such as "is not a Python identifier"."""
    remedy: str
    """An instruction, such as "write the name of the function"."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A flaw of one row of a file. Such a row cannot be scored, or would score every model the same."""

    row: int
    """The first row of a file is 1."""
    task_id: str
    column: str
    value: str
    """As Python writes it, shortened; empty where the row has no such column."""
    what: str
    remedy: str

    def __str__(self) -> str:
        value = f" = {self.value}" if self.value else ""
        return f"row {self.row} ({self.task_id!r}): {self.column}{value} {self.what}: {self.remedy}"


def shortened(value: Any) -> str:
    """A value as a sentence shows it."""
    text = repr(value)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 3]}..."


def holds_lone_surrogate(value: str | list[str]) -> bool:
    """Whether a text, or one of several, holds half a character, which no program file can hold."""
    texts = [value] if isinstance(value, str) else value
    return any("\ud800" <= character <= "\udfff" for text in texts for character in text)
