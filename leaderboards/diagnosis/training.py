"""How a model was trained to be asked, where its name tells."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class TrainedFamily:
    """Models that were trained alike; the rows stand in training.toml."""

    pattern: str
    training: str
    styles: tuple[str, ...]
    """Prompt styles that fit."""
    source: str


@cache
def trained_families() -> tuple[TrainedFamily, ...]:
    """All rows, in their order."""
    table: dict[str, list[dict[str, Any]]] = tomllib.loads(
        (files("leaderboards.diagnosis") / "training.toml").read_text(encoding="utf-8")
    )
    return tuple(
        TrainedFamily(row["pattern"], row["training"], tuple(row["styles"]), row["source"]) for row in table["family"]
    )


def family_of(model: str) -> TrainedFamily | None:
    """The family that a model's name belongs to; None where the name does not tell."""
    return next((family for family in trained_families() if re.search(family.pattern, model.lower())), None)
