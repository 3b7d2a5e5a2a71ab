"""The leaderboard: models down, tasks across, an average, and ranks as ranges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.statistics.intervals import Interval
from harness.statistics.ranks import RankRange
from leaderboards.runs.folding import group_runs, weights_of
from leaderboards.runs.names import printable, weights_named
from leaderboards.runs.rank import average, rank
from leaderboards.runs.record import RunRecord
from leaderboards.runs.row import USUAL_K, ModelRow, fold
from leaderboards.runs.settings import RunSettings, settings_of


@dataclass(frozen=True, slots=True)
class LeaderboardColumn:
    """One task in one version over one set of rows; scores of different columns are never ranked together."""

    task: str
    version: str
    data: str
    extraction: str
    """The policy by which code was found; empty for the usual one."""
    label: str
    """The task's name, with that policy, and with version and data where two columns share it."""
    n_problems: int
    """Of the row that has most; whoever has fewer is shown, but not ranked."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One model's place under one k: its score and its possible ranks in each column and on average."""

    average: Interval | None
    """Macro average over all columns; None where one is missing."""
    confirmed_average: float | None
    """The same of confirmed pass@k; None where a column has none."""
    average_rank: RankRange | None
    ranks: Mapping[LeaderboardColumn, RankRange]


@dataclass(frozen=True, slots=True)
class LeaderboardEntry:
    """One line of the leaderboard: a model under one way of sampling."""

    name: str
    model: str
    note: str
    """How it was sampled, and how it differs from other lines of the same model."""
    rows: Mapping[LeaderboardColumn, ModelRow]
    standings: Mapping[int, Standing]
    """By k."""

    @property
    def forged(self) -> int:
        """Forged passes in all its rows."""
        return sum(row.forged for row in self.rows.values())

    @property
    def tokens_per_answer(self) -> float | None:
        """Tokens that the model wrote; None where a run does not say."""
        spent = [run.spending for row in self.rows.values() for run in row.runs]
        known = [each for each in spent if each]
        if len(known) < len(spent):
            return None
        return sum(each.completion_tokens for each in known) / sum(each.answers for each in known)

    @property
    def cost_per_thousand(self) -> float | None:
        """US dollars of 1,000 answers; None where the price of some is not known, or where nothing was paid."""
        spent = [run.spending for row in self.rows.values() for run in row.runs]
        known = [(each.cost, each.answers) for each in spent if each and each.cost and not each.unpriced]
        if len(known) < len(spent):
            return None
        return 1000 * sum(cost for cost, _ in known) / sum(answers for _, answers in known)


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """Entries in order of their first k's average, or of their first column where there is no average; forged passes
    count as failures in the order and in the ranks, and nowhere else."""

    columns: tuple[LeaderboardColumn, ...]
    entries: tuple[LeaderboardEntry, ...]
    ks: tuple[int, ...]
    remarks: tuple[str, ...]

    @property
    def averaged(self) -> bool:
        """Whether some entry has every column; else there is nothing to average, and ranks are those of columns."""
        return any(standing.average for entry in self.entries for standing in entry.standings.values())


def make_leaderboard(records: Sequence[RunRecord]) -> Leaderboard:
    """Folds, arranges and ranks. Raises RecordError for no record."""
    alike: dict[tuple[str, RunSettings], list[RunRecord]] = {}
    for record in records:
        alike.setdefault((record.model, settings_of(record)), []).append(record)
    sorted_out = [group_runs(group) for group in alike.values()]
    rows = [fold(group) for each in sorted_out for group in each.groups]
    remarks = [remark for each in sorted_out for remark in each.remarks]
    columns = _find_columns(rows)
    # Rows of the same weights under one way of sampling share a line; a second row of one task opens another.
    by_key = {(column.task, column.version, column.data, column.extraction): column for column in columns}
    cells: dict[tuple[str, str, str, str, int], dict[LeaderboardColumn, ModelRow]] = {}
    for row in rows:
        column, layer = by_key[_column_key(row)], 0
        key = (row.model, row.settings.sampling, row.settings.max_tokens, weights_of(row.runs[0]))
        while column in cells.setdefault((*key, layer), {}):
            layer += 1
        cells[(*key, layer)][column] = row
    found = list(cells.values())
    lines: list[Line] = []
    for (name, model), each in zip(_name_lines(found), found, strict=True):
        settings = next(iter(each.values())).settings
        styles = _details(each)[1]
        note = f"sampling {settings.sampling}, max tokens {settings.max_tokens}, {styles}"
        lines.append((name, model, printable(note), each))
    ks = tuple(k for k in USUAL_K if any(k in row.rates for row in rows))
    standings = {k: _rank_lines(lines, columns, k) for k in ks}
    entries = [
        LeaderboardEntry(name, model, note, cells, {k: standings[k][index] for k in ks})
        for index, (name, model, note, cells) in enumerate(lines)
    ]
    entries.sort(key=lambda entry: _order(entry, columns))
    names = [column.task for column in columns if not column.extraction]
    if policies := sorted({column.extraction for column in columns if column.extraction}):
        remarks.append(f"Columns named {', '.join(policies)} found code by other rules; these are not compared.")
    for name in sorted({name for name in names if names.count(name) > 1}):
        remarks.append(f"{name} appears in several versions or over several sets of rows; these are not compared.")
    return Leaderboard(columns, tuple(entries), ks, tuple(remarks))


def runs_of(board: Leaderboard) -> list[RunRecord]:
    """Every run that the board shows."""
    return [run for entry in board.entries for row in entry.rows.values() for run in row.runs]


Line = tuple[str, str, str, Mapping[LeaderboardColumn, ModelRow]]
"""Name, model, note and rows of an entry that is not ranked yet."""


def _find_columns(rows: Sequence[ModelRow]) -> tuple[LeaderboardColumn, ...]:
    problems: dict[tuple[str, str, str, str], int] = {}
    for row in rows:
        key = _column_key(row)
        problems[key] = max(problems.get(key, 0), len(row.tallies))
    names = [(task, policy) for task, _, _, policy in problems]
    columns: list[LeaderboardColumn] = []
    for (task, version, data, policy), count in sorted(problems.items()):
        label = task if names.count((task, policy)) == 1 else f"{task} {version} ({data[:6]})"
        columns.append(LeaderboardColumn(task, version, data, policy, f"{label} {policy}".rstrip(), count))
    return tuple(columns)


def _column_key(row: ModelRow) -> tuple[str, str, str, str]:
    return row.settings.task, row.settings.version, row.settings.data, row.settings.column_policy


def _name_lines(lines: Sequence[Mapping[LeaderboardColumn, ModelRow]]) -> list[tuple[str, str]]:
    """Name and model of each line. Equal names are distinguished by sampling, style, weights, run hash."""
    models = [next(iter(cells.values())).model for cells in lines]
    parts: list[list[str]] = [[] for _ in lines]
    for detail in zip(*map(_details, lines), strict=True):
        names = [_name(model, details) for model, details in zip(models, parts, strict=True)]
        for name, details, own in zip(names, parts, detail, strict=True):
            if len({other for other, each in zip(detail, names, strict=True) if each == name}) > 1:
                details.append(own)
    return [(_name(model, details), model) for model, details in zip(models, parts, strict=True)]


def _name(model: str, parts: Sequence[str]) -> str:
    return printable(f"{model} [{', '.join(parts)}]" if parts else model)


def _details(cells: Mapping[LeaderboardColumn, ModelRow]) -> tuple[str, str, str, str]:
    """What may tell a line from another of its model: its sampling, its styles, its weights, its first run."""
    first = next(iter(cells.values()))
    return (
        f"{first.settings.sampling}, {first.settings.max_tokens} tokens",
        f"style {', '.join(sorted({row.settings.style for row in cells.values()}))}",
        weights_named(first.runs[0].config) or "usual weights",
        f"run {first.runs[0].run_sha256[:12]}",
    )


def _rank_lines(lines: Sequence[Line], columns: Sequence[LeaderboardColumn], k: int) -> list[Standing]:
    whole = [
        {column: row for column, row in cells.items() if k in row.rates and len(row.tallies) == column.n_problems}
        for _, _, _, cells in lines
    ]
    by_column = {
        column: rank([{column: cells[column]} if column in cells else {} for cells in whole], k) for column in columns
    }
    everywhere = [cells if len(cells) == len(columns) else {} for cells in whole]
    averages = rank(everywhere, k)
    return [
        Standing(
            average=average(cells, k) if cells else None,
            # An average that leaves a task out would be of other problems than the score beside it.
            confirmed_average=sum(row.confirmed[k].value for row in cells.values()) / len(cells)
            if cells and all(k in row.confirmed for row in cells.values())
            else None,
            average_rank=averages[index],
            ranks={column: place for column in columns if (place := by_column[column][index])},
        )
        for index, cells in enumerate(everywhere)
    ]


def _order(entry: LeaderboardEntry, columns: Sequence[LeaderboardColumn]) -> tuple[float, float, str]:
    k, standing = next(iter(entry.standings.items()))
    unforged = [row.unforged_value(k) for row in entry.rows.values() if k in row.rates]
    best = sum(unforged) / len(unforged) if standing.average else -1.0
    first = next((entry.rows[column].unforged_value(1) for column in columns if column in entry.rows), 0.0)
    return -best, -first, entry.name
