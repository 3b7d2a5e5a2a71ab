"""The same rows look the same, whichever file they came in."""

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from tasks.data.dataset import DataSet, Row, Value
from tasks.errors import DataError

LONGEST_NUMBER = 10
"""A text of fewer digits is taken for the number: hubs and exports write ids either way."""


def canonical_rows(dataset: DataSet, raw_rows: Iterable[Mapping[str, Any]], where: str) -> tuple[Row, ...]:
    """The rows with exactly the data set's columns, in the order of their ids; DataError when a column is missing."""
    rows: list[Row] = []
    for raw in raw_rows:
        row: dict[str, Value] = {}
        for column in dataset.columns:
            # a null stands for a column that is left out: parquet has no other way to say so
            names = (name for name in (column.name, *column.aliases) if raw.get(name) is not None)
            if (name := next(names, None)) is not None:
                row[column.name] = (
                    json.dumps(raw[name], sort_keys=True, separators=(",", ":"))
                    if column.json
                    else _plain(raw[name], dataset, where)
                )
            elif column.default is not None:
                row[column.name] = column.default
            else:
                raise DataError(
                    f"{where} is no copy of the data set {dataset.name!r}: a row has no column {column.name!r}; "
                    f"fetch it again from {dataset.source}."
                )
        rows.append(row)
    id_column = dataset.columns[0].name

    def natural(row: Row) -> tuple[str | int, ...]:
        """Orders HumanEval/2 before HumanEval/10."""
        return tuple(int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", f"{row[id_column]}"))

    return tuple(sorted(rows, key=natural))


def fingerprint(rows: Iterable[Row], remarks: Collection[str] = ()) -> str:
    """sha256 over canonical rows without the columns `remarks`: jsonl, gzip, json and parquet copies of the same rows
    agree."""
    digest = hashlib.sha256()
    for whole in rows:
        row = {name: value for name, value in whole.items() if name not in remarks}
        digest.update(json.dumps(row, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode() + b"\n")
    return digest.hexdigest()


def _plain(value: Any, dataset: DataSet, where: str) -> Value:
    match value:
        case str():
            return int(value) if value.isascii() and value.isdigit() and len(value) < LONGEST_NUMBER else value
        case int():
            return value
        case list() | tuple():
            return [str(item) for item in value]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        case _:
            raise DataError(f"{where} is no copy of the data set {dataset.name!r}: it holds {value!r:.60}.")
