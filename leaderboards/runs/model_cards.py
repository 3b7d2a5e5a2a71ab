"""What people know of models and no run says: size, licence, link. Read from a file that the user writes."""

import tomllib
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from leaderboards.runs.names import model_id
from sandbox.errors import WavebenchError


class ModelCardError(WavebenchError):
    """The file of model cards cannot be read."""


class Weights(StrEnum):
    """Whether anybody can download the model's weights."""

    OPEN = "open"
    CLOSED = "closed"


class ModelCard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One table of models.toml. Everything is optional; nothing in it was measured here."""

    parameters_b: float | None = None
    """Size in billions of parameters."""
    weights: Weights | None = None
    """open or closed."""
    licence: str = ""
    developer: str = ""
    link: str = ""
    """Address of the model's own page; http or https."""
    released: date | None = None
    training_data: str = ""
    """What it was trained on, in a few words."""


def read_model_cards(path: Path | None) -> Mapping[str, ModelCard]:
    """Cards by model name, from a TOML file with one table per model; none without a file. Raises ModelCardError."""
    if path is None:
        return {}
    try:
        tables: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        cards = msgspec.convert(tables, dict[str, ModelCard])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError, RecursionError) as error:
        known = ", ".join(ModelCard.__struct_fields__)
        raise ModelCardError(
            f"{str(path)!r} cannot be read as model cards ({error}): write one table per model, such as "
            f'["org/model"], with any of {known}.'
        ) from None
    for name, card in cards.items():
        # A page links to it, and a link may run a script.
        if card.link and not card.link.startswith(("https://", "http://")):
            raise ModelCardError(f"The link of {name!r} in {str(path)!r} is {card.link!r}: write an http(s) address.")
        if card.parameters_b is not None and not 0 < card.parameters_b < 1e6:
            raise ModelCardError(
                f"{name!r} in {str(path)!r} has {card.parameters_b!r} billion parameters: write its size."
            )
    return cards


def card_of(model: str, cards: Mapping[str, ModelCard]) -> ModelCard:
    """The card of a model by its name with or without the back end; an empty one where there is none."""
    return cards.get(model) or cards.get(model_id(model)) or ModelCard()
