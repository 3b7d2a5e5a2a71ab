"""The wording of a training row; the response follows it at once."""

import hashlib
import json
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from datagen.rows.instruction_rows import InstructionRow
from harness.runs.settings import ConfigError


@dataclass(frozen=True, slots=True)
class Template:
    """Two wordings, for rows with and without an input."""

    name: str
    with_input: str
    without_input: str

    @property
    def sha256(self) -> str:
        """Identity of both wordings."""
        return hashlib.sha256(json.dumps([self.with_input, self.without_input]).encode()).hexdigest()

    def prompt(self, row: InstructionRow) -> str:
        """All that stands before the response."""
        if not row.input:
            return self.without_input.replace("{instruction}", row.instruction)
        head, tail = self.with_input.split("{input}")
        return head.replace("{instruction}", row.instruction) + row.input + tail

    def fits(self, prompt: str) -> bool:
        """Whether a prompt is worded as one of the two: the same words before the first field and after the last."""
        return any(
            prompt.startswith(wording.split("{", 1)[0]) and prompt.endswith(wording.rsplit("}", 1)[1])
            for wording in (self.with_input, self.without_input)
        )


@cache
def load_template(name: str) -> Template:
    """A template of data/training_templates.toml by its name. Raises ConfigError with the known names."""
    table = tomllib.loads(files("datagen").joinpath("data/training_templates.toml").read_text())
    if name not in table:
        raise ConfigError(f"Unknown template {name!r}: use one of {', '.join(table)}.")
    row = table[name]
    return Template(name, row["with_input"], row["without_input"])
