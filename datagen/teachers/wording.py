"""The words of the LLM teacher: definitions, requirements and rules, as data files that may be replaced."""

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import msgspec

from datagen.rows.example import TaskType
from harness.runs.settings import ConfigError


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the discriminator."""

    step: int
    """1 looks at the raw input, 2 at the row."""
    text: str


@dataclass(frozen=True, slots=True)
class Wording:
    """The texts for one task."""

    task: TaskType
    definition: str
    raw_code_is: str
    requirements: tuple[str, ...]
    rules: tuple[Rule, ...]

    @property
    def sha256(self) -> str:
        """Identity of the wording; kept with every row."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()[:16]


def load_wordings(folder: str = "") -> dict[TaskType, Wording]:
    """One wording a task, from `folder` or as shipped. Raises ConfigError for a file that cannot be used."""
    wordings: dict[TaskType, Wording] = {}
    for task in TaskType:
        shipped = files("datagen").joinpath(f"data/wording/{task.value}.toml")
        file = Path(folder) / f"{task.value}.toml" if folder else None
        text = file.read_text() if file is not None and file.exists() else shipped.read_text()
        try:
            wordings[task] = msgspec.toml.decode(text, type=Wording)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise ConfigError(f"The wording {str(file or shipped)!r} cannot be used: {error}.") from None
        if not wordings[task].rules:
            raise ConfigError(f"The wording {str(file or shipped)!r} has no [[rules]]: the discriminator needs some.")
    return wordings
