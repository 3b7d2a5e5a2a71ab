"""The leaderboard: models down, tasks across, an average, and ranks as ranges."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from harness.statistics.intervals import Interval
from harness.statistics.ranks import RankRange
from leaderboards.rank import average, rank
from leaderboards.record import RunRecord
from leaderboards.row import USUAL_K, Row, fold
from leaderboards.terms import Terms, terms_of


@dataclass(frozen=True, slots=True)
class Column:
    """One task in one version over one set of rows; scores of different columns are never ranked together."""

    task: str
    version: str
    data: str
    label: str
    """The task's name, with version and data where two columns share it."""
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
    ranks: Mapping[Column, RankRange]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the leaderboard: a model under one way of sampling."""

    name: str
    model: str
    note: str
    """How it was sampled, and what tells it from other lines of the same model."""
    rows: Mapping[Column, Row]
    standings: Mapping[int, Standing]
    """By k."""

    @property
    def forged(self) -> int:
        """Forged passes in all its rows."""
        return sum(row.forged for row in self.rows.values())


@dataclass(frozen=True, slots=True)
class Board:
    """Entries in order of their first k's average, or of their first column where there is no average; forged passes
    count as failures in the order and in the ranks, and nowhere else."""

    columns: tuple[Column, ...]
    entries: tuple[Entry, ...]
    ks: tuple[int, ...]
    remarks: tuple[str, ...]

    @property
    def averaged(self) -> bool:
        """Whether some entry has every column; else there is nothing to average, and ranks are those of columns."""
        return any(standing.average for entry in self.entries for standing in entry.standings.values())


def make_board(records: Sequence[RunRecord]) -> Board:
    """Folds, arranges and ranks. Raises RecordError for no record."""
    kept, remarks = _without_copies(records)
    rows = [fold(group) for group in _grouped(kept)]
    columns = _columns(rows)
    lines = _lines(rows, columns)
    ks = tuple(k for k in USUAL_K if any(k in row.rates for row in rows))
    standings = {k: _standings(lines, columns, k) for k in ks}
    entries = [
        Entry(name, model, note, cells, {k: standings[k][index] for k in ks})
        for index, (name, model, note, cells) in enumerate(lines)
    ]
    entries.sort(key=lambda entry: _order(entry, columns))
    return Board(columns, tuple(entries), ks, (*remarks, *_shared_task_remarks(columns)))


Line = tuple[str, str, str, Mapping[Column, Row]]
"""Name, model, note and rows of an entry that is not ranked yet."""


def _without_copies(records: Sequence[RunRecord]) -> tuple[list[RunRecord], list[str]]:
    """A run folder that was copied counts once."""
    kept: dict[str, RunRecord] = {}
    remarks: list[str] = []
    for record in records:
        first = kept.setdefault(record.run_sha256, record)
        if first is not record:
            remarks.append(f"{str(record.path)!r} is a copy of {str(first.path)!r} and counts once.")
    return list(kept.values()), remarks


def _grouped(records: Sequence[RunRecord]) -> list[list[RunRecord]]:
    """Runs of one model under the same terms; only their seeds differ."""
    found: dict[tuple[str, Terms], list[RunRecord]] = {}
    for record in records:
        found.setdefault((record.model, terms_of(record)), []).append(record)
    return list(found.values())


def _columns(rows: Sequence[Row]) -> tuple[Column, ...]:
    problems: dict[tuple[str, str, str], int] = {}
    for row in rows:
        key = (row.terms.task, row.terms.version, row.terms.data)
        problems[key] = max(problems.get(key, 0), len(row.tallies))
    names = [task for task, _, _ in problems]
    return tuple(
        Column(task, version, data, _label(task, version, data, names), count)
        for (task, version, data), count in sorted(problems.items())
    )


def _label(task: str, version: str, data: str, names: Sequence[str]) -> str:
    return task if names.count(task) == 1 else f"{task} {version} ({data[:6]})"


def _shared_task_remarks(columns: Sequence[Column]) -> list[str]:
    names = [column.task for column in columns]
    shared = sorted({name for name in names if names.count(name) > 1})
    return [
        f"{name} stands here in several versions or over several sets of rows; they are not compared."
        for name in shared
    ]


def _lines(rows: Sequence[Row], columns: Sequence[Column]) -> list[Line]:
    """Rows of one model under one way of sampling share a line; a second style of one task opens another."""
    by_key = {(column.task, column.version, column.data): column for column in columns}
    cells: dict[tuple[str, str, str, int], dict[Column, Row]] = {}
    for row in rows:
        column, layer = by_key[row.terms.task, row.terms.version, row.terms.data], 0
        while column in cells.setdefault((row.model, row.terms.sampling, row.terms.max_tokens, layer), {}):
            layer += 1
        cells[row.model, row.terms.sampling, row.terms.max_tokens, layer][column] = row
    models = [model for model, _, _, _ in cells]
    return [_line(key, found, models.count(key[0]) > 1) for key, found in cells.items()]


def _line(key: tuple[str, str, str, int], cells: Mapping[Column, Row], shares_model: bool) -> Line:
    model, sampling, max_tokens, layer = key
    styles = ", ".join(sorted({row.terms.style for row in cells.values()}))
    note = f"sampling {sampling}, max tokens {max_tokens}, style {styles}"
    told_apart = f" [{sampling}, {max_tokens} tokens{f', style {styles}' if layer else ''}]" if shares_model else ""
    return printable(model + told_apart), model, printable(note), cells


def printable(name: str) -> str:
    """A name cannot move a terminal's cursor or turn a page's text around: such characters are spelled out."""
    return "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in name)


def _standings(lines: Sequence[Line], columns: Sequence[Column], k: int) -> list[Standing]:
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
            confirmed_average=_confirmed_average(cells.values(), k),
            average_rank=averages[index],
            ranks={column: place for column in columns if (place := by_column[column][index])},
        )
        for index, cells in enumerate(everywhere)
    ]


def _confirmed_average(rows: Collection[Row], k: int) -> float | None:
    values = [row.confirmed[k].value for row in rows if k in row.confirmed]
    return sum(values) / len(values) if rows and len(values) == len(rows) else None


def _order(entry: Entry, columns: Sequence[Column]) -> tuple[float, float, str]:
    k, standing = next(iter(entry.standings.items()))
    earned = [row.earned_value(k) for row in entry.rows.values() if k in row.rates]
    best = sum(earned) / len(earned) if standing.average else -1.0
    first = next((entry.rows[column].earned_value(1) for column in columns if column in entry.rows), 0.0)
    return -best, -first, entry.name
