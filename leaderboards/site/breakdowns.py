"""What stands behind a score: curves of pass@k, heat maps by language and kind of bug, shares of verdicts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log

from leaderboards.runs.leaderboard import Leaderboard, LeaderboardColumn, LeaderboardEntry
from leaderboards.runs.problems import Traits, traits_of
from leaderboards.runs.row import ModelRow
from leaderboards.runs.trainings import without_earlier_checkpoints
from tasks.registry import known_benchmark
from tasks.verdict import Verdict

CURVE_SAMPLES = 4
"""Fewest samples per problem that make a curve."""
_KS = (1, 2, 5, 10, 20, 50, 100, 200)
PANEL_WIDTH, PANEL_HEIGHT = 160, 100


@dataclass(frozen=True, slots=True)
class Curve:
    """pass@k of one model over k, in the units of its small drawing."""

    entry: LeaderboardEntry
    band: str
    line: str
    ks: Sequence[tuple[int, float]]
    """Each k with its place."""
    first: float
    last: float
    """pass@k at both ends, between 0 and 1."""


@dataclass(frozen=True, slots=True)
class HeatMap:
    """pass@1 of models or tasks down, values of a trait across."""

    title: str
    values: Sequence[str]
    rows: Mapping[str, Mapping[str, float]]
    """By name and value; what was not measured is left out."""


@dataclass(frozen=True, slots=True)
class Breakdown:
    """One task: curves and verdicts of every model that has it."""

    column: LeaderboardColumn
    curves: Sequence[Curve]
    verdicts: Sequence[tuple[LeaderboardEntry, Mapping[Verdict, int]]]


def breakdowns(board: Leaderboard) -> list[Breakdown]:
    """One for each task; of a training run its last checkpoint."""
    entries = without_earlier_checkpoints(board)
    found: list[Breakdown] = []
    for column in board.columns:
        rows = [(entry, entry.rows[column]) for entry in entries if column in entry.rows]
        rows.sort(key=lambda each: -each[1].rates[1].value)
        curves = [_curve(entry, row) for entry, row in rows if row.fewest_samples >= CURVE_SAMPLES]
        found.append(Breakdown(column, curves, [(entry, row.verdicts) for entry, row in rows]))
    return found


def heat_maps(board: Leaderboard) -> Iterator[HeatMap]:
    """Models by language and by kind of bug."""
    for trait, tables in (("language", _by_language(board)), ("bug type", _by_trait(board, "bug type"))):
        for title, rows in tables.items():
            values = sorted({value for row in rows.values() for value in row})
            if len(values) > 1:
                yield HeatMap(f"{title} by {trait}", values, rows)


def tasks_by_language(entry: LeaderboardEntry) -> HeatMap | None:
    """One model's tasks that come in several languages; None where it has none."""
    rows: dict[str, dict[str, float]] = {}
    for family, columns in _families(entry.rows).items():
        rows[family] = {language: entry.rows[column].rates[1].value for language, column in columns.items()}
    values = sorted({language for row in rows.values() for language in row})
    return HeatMap("pass@1 by task and language", values, rows) if len(values) > 1 else None


def _curve(entry: LeaderboardEntry, row: ModelRow) -> Curve:
    most = row.fewest_samples
    rates = {k: row.rate(k) for k in sorted({k for k in _KS if k < most} | {most})}
    places = {k: PANEL_WIDTH * log(k) / log(most) for k in rates}
    height = {k: [PANEL_HEIGHT * (1 - end) for end in (rate.low, rate.value, rate.high)] for k, rate in rates.items()}
    upper = [f"{places[k]:.1f},{height[k][2]:.1f}" for k in rates]
    lower = [f"{places[k]:.1f},{height[k][0]:.1f}" for k in reversed(rates)]
    line = " ".join(f"{places[k]:.1f},{height[k][1]:.1f}" for k in rates)
    band = " ".join([*upper, *lower])
    return Curve(entry, band, line, list(places.items()), rates[1].value, rates[most].value)


def _families(columns: Mapping[LeaderboardColumn, object]) -> dict[str, dict[str, LeaderboardColumn]]:
    """Tasks that differ only in their language: columns by what they share and by language."""
    families: dict[str, dict[str, LeaderboardColumn]] = {}
    for column in columns:
        known = known_benchmark(column.task)
        if known and known.group:
            family, _, language = column.label.rpartition("-")
            families.setdefault(family, {})[language] = column
    return families


def _by_language(board: Leaderboard) -> dict[str, dict[str, dict[str, float]]]:
    """Tasks that differ only in their language, then tasks that hold several."""
    found = _by_trait(board, "language")
    for family, columns in _families(dict.fromkeys(board.columns)).items():
        if len(columns) > 1:
            found[family] = {
                entry.name: {
                    lang: entry.rows[column].rates[1].value for lang, column in columns.items() if column in entry.rows
                }
                for entry in without_earlier_checkpoints(board)
            }
    return {family: {name: row for name, row in table.items() if row} for family, table in found.items()}


def _by_trait(board: Leaderboard, trait: str) -> dict[str, dict[str, dict[str, float]]]:
    """pass@1 by task, model and value of the trait."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for column in board.columns:
        rows = {entry.name: entry.rows[column] for entry in without_earlier_checkpoints(board) if column in entry.rows}
        traits: Mapping[str, Traits] = traits_of(next(iter(rows.values())).runs[0]) if rows else {}
        if len({known.get(trait) for known in traits.values()}) > 1:
            found[column.label] = {}
            for name, row in rows.items():
                tallies: dict[str, list[float]] = {}
                for task_id, tally in row.tallies.items():
                    if value := traits.get(task_id, {}).get(trait):
                        tallies.setdefault(value, []).append(tally.passed / tally.samples)
                found[column.label][name] = {value: sum(each) / len(each) for value, each in tallies.items()}
    return found
