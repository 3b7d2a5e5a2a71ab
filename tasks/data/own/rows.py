"""Reads a file of a user's own problems, and finds the rows of it that cannot be scored."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from tasks.data.canonical import LONGEST_NUMBER, canonical_rows
from tasks.data.dataset import DataSet, RequiredColumn, Row
from tasks.data.fault import Fault, Flaw, holds_lone_surrogate, shortened
from tasks.data.files import read_rows
from tasks.data.own.formats import foreign_flaw
from tasks.errors import DataError

RawRow = Mapping[str, Any]


def own_rows(dataset: DataSet, file: Path, task: str = "") -> tuple[Row, ...]:
    """The rows of a file with the data set's columns, in the order of their ids.

    `task` is the name of the task that reads them; without it, the data set's own.

    Raises DataError for a file that cannot be read, and for a row that could not be scored or would be scored wrongly.
    """
    raw_rows = list(read_rows(file))
    if not raw_rows:
        raise DataError(f"{file} holds no rows; it should hold problems like those of {dataset.name!r}.")
    if faults := find_faults(dataset, raw_rows):
        rows = len({fault.row for fault in faults})
        more = f"; {rows - 1} more of the {len(raw_rows)} rows have faults" if rows > 1 else ""
        listed = f"wavebench tasks --check {file} --task {task or dataset.name}"
        raise DataError(f"{file}, {faults[0]}{more} ({listed} names all of them).")
    return canonical_rows(dataset, raw_rows, str(file))


def find_faults(dataset: DataSet, raw_rows: Sequence[RawRow]) -> list[Fault]:
    """What is wrong with rows that should be in the data set's format, in their order, without running anything."""
    first_rows: dict[str, int] = {}
    faults: list[Fault] = []
    id_column = dataset.columns[0].name
    for number, raw in enumerate(raw_rows, start=1):
        task_id, flaws = raw.get("task_id"), list[Flaw]()
        # The search stops at the first kind of flaw: what is found behind it would only repeat it in other words.
        if foreign := foreign_flaw(raw, dataset.name):
            flaws.append(foreign)
        else:
            flaws += filter(
                None, (_column_flaw(column, raw, is_id=column.name == id_column) for column in dataset.columns)
            )
            flaws += () if flaws else dataset.flaws(*canonical_rows(dataset, [raw], "the file"))
        spelled = str(task_id).strip()
        # 7, "7" and "007" mean the same problem
        is_number = spelled.isascii() and spelled.isdigit() and len(spelled) < LONGEST_NUMBER
        same = str(int(spelled)) if is_number else spelled
        if task_id is not None and (first := first_rows.setdefault(same, number)) != number:
            flaws.append(Flaw("task_id", f"is that of row {first}, too", "give each problem an id of its own"))
        for flaw in flaws:
            value = shortened(raw[flaw.column]) if flaw.column in raw else ""
            faults.append(Fault(number, str(task_id or ""), flaw.column, value, flaw.what, flaw.remedy))
    return faults


def _column_flaw(column: RequiredColumn, raw: RawRow, *, is_id: bool) -> Flaw | None:
    """What is wrong with a column's kind of value."""
    named = next((name for name in (column.name, *column.aliases) if raw.get(name) is not None), None)
    if named is None:
        aliases = f" (or {', '.join(map(repr, column.aliases))})" if column.aliases else ""
        missing = Flaw(column.name, "is missing", f"add it{aliases}")
        return missing if column.default is None else None
    value = raw[named]
    if column.json:
        return None
    if is_id:
        if not isinstance(value, str | int) or isinstance(value, bool):
            return Flaw(named, "is neither a text nor a whole number", "give the problem an id such as own/0")
        text = str(value)
        if not text or text != text.strip() or not text.isprintable():
            wrong = "is empty or holds space at an end or characters without a shape"
            return Flaw(named, wrong, "use an id such as own/0")
        return None
    items = cast(list[Any], value) if column.texts and isinstance(value, list) else [value]
    if not all(isinstance(item, str) for item in items):
        kind = "a list of texts" if column.texts else "a text"
        return Flaw(named, f"is not {kind}", "write it in quotes, as JSON has it")
    if holds_lone_surrogate(items):
        return Flaw(named, "holds half a character (a lone surrogate)", "write the whole character")
    return None
