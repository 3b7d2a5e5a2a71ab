"""Styles of a benchmark whose samples take turns: each turn may have wording of its own."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from tasks.errors import unknown
from tasks.styles.style import Style, style_from
from tasks.styles.wording import style_rows


@dataclass(frozen=True, slots=True)
class TurnStyles:
    """One style's wording of every turn, in their order."""

    name: str
    turns: tuple[Style, ...]

    @property
    def sha256(self) -> str:
        """Identity of the wording; that of a single turn is its own."""
        digests = [turn.sha256 for turn in self.turns]
        return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()


def load_turn_styles(benchmark: str, turns: tuple[str, ...], name: str | None = None) -> TurnStyles:
    """The style `name` (None: the first) for these turns; TaskError naming the closest when there is none."""
    styles = turn_styles(benchmark, turns)
    if name is None:
        return next(iter(styles.values()))
    if name not in styles:
        raise unknown(f"prompt style of {benchmark} for {' and '.join(turns)}", name, tuple(styles))
    return styles[name]


@cache
def turn_styles(benchmark: str, turns: tuple[str, ...]) -> Mapping[str, TurnStyles]:
    """Every style of BENCHMARK.toml that is for all of these turns, by name, the default one first."""
    found: dict[str, TurnStyles] = {}
    for first_name, row in style_rows(benchmark).items():
        names, only = (first_name, *row.pop("also", ())), row.pop("only", turns)
        if not set(turns) <= set(only):
            continue
        shared = {key: value for key, value in row.items() if not isinstance(value, dict)}
        for name in names:
            wordings = ({**shared, **row.get(turn, {})} for turn in turns)  # a turn's own words go before the row's
            found[name] = TurnStyles(name, tuple(style_from(name, wording) for wording in wordings))
    return found
