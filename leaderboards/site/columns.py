"""What the table says of a model beside its scores, and the menus that filter by it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from leaderboards.runs.leaderboard import LeaderboardEntry
from leaderboards.runs.model_cards import ModelCard, card_of
from leaderboards.site.plots import size_of

_MOST_STEPS = 8
"""Steps of a menu of numbers."""
_MOST_TEXTS = 60
"""Choices of a menu of texts; beyond that, searching is faster."""


class FilterKind(StrEnum):
    """How a menu compares a row with its choice."""

    EQUAL = "equal"
    AT_MOST = "at-most"
    """Rows without a value are left out, as of all kinds."""
    SINCE = "since"
    """Of ISO dates."""


@dataclass(frozen=True, slots=True)
class FactColumn:
    """One fact of every model."""

    key: str
    """In the address of the page."""
    title: str
    values: Mapping[str, object]
    """By the entry's name, where it is known."""
    kind: FilterKind = FilterKind.EQUAL
    digits: int | None = None
    """Decimals of a number; None for as many as it has."""
    on_demand: bool = True
    """Hidden until somebody chooses the column; it can be filtered by all the same."""
    notes: Mapping[str, str] | None = None
    """Where a value comes from, by the entry's name."""

    @property
    def is_number(self) -> bool:
        return self.kind is FilterKind.AT_MOST

    def text(self, name: str) -> str:
        """The value as the table shows it; a dash where it is not known."""
        return self._words(self.values[name]) if name in self.values else "\u2013"

    def choices(self) -> list[tuple[str, str]]:
        """Value and words of each choice of its menu; none where there is nothing to choose between."""
        if self.is_number:
            numbers = sorted({value for value in self.values.values() if isinstance(value, int | float)})
            return [(str(each), self._words(each)) for each in numbers[:: -(-len(numbers) // _MOST_STEPS)]]
        texts = sorted({str(value) for value in self.values.values()})
        if self.kind is FilterKind.SINCE:
            texts = sorted({text[:4] for text in texts})
        return [(text, text) for text in texts] if len(texts) <= _MOST_TEXTS else []

    def _words(self, value: object) -> str:
        if isinstance(value, int | float):
            return f"{value:g}" if self.digits is None else f"{value:,.{self.digits}f}"
        return str(value)


def fact_columns(entries: Sequence[LeaderboardEntry], cards: Mapping[str, ModelCard]) -> list[FactColumn]:
    """The columns that at least one model has a value in."""
    card = {entry.name: card_of(entry.model, cards) for entry in entries}
    settings = {entry.name: next(iter(entry.rows.values())).settings for entry in entries}
    size = {entry.name: size_of(entry.model, cards) for entry in entries}
    origin = {name: "" if each.parameters_b else "as its name states" for name, each in card.items()}
    number = FilterKind.AT_MOST
    found = [
        FactColumn("size", "Size, B", size, number, on_demand=False, notes=origin),
        FactColumn("weights", "Weights", {name: each.weights for name, each in card.items()}, on_demand=False),
        FactColumn("licence", "Licence", {name: each.licence for name, each in card.items()}),
        FactColumn("developer", "Developer", {name: each.developer for name, each in card.items()}),
        FactColumn("released", "Released", {name: each.released for name, each in card.items()}, FilterKind.SINCE),
        FactColumn("trained", "Trained on", {name: each.training_data for name, each in card.items()}),
        FactColumn("style", "Prompt style", {name: each.style.split()[0] for name, each in settings.items()}),
        FactColumn("decoding", "Decoding", {name: each.sampling for name, each in settings.items()}),
        FactColumn(
            "tokens", "Tokens per answer", {each.name: each.tokens_per_answer for each in entries}, number, digits=0
        ),
        FactColumn("cost", "US$ per 1,000 answers", {each.name: each.cost_per_thousand for each in entries}, number, 2),
    ]
    known = [replace(each, values={name: value for name, value in each.values.items() if value}) for each in found]
    return [each for each in known if each.values]
