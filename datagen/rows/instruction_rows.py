"""Reads instruction rows of anybody's making, from json, jsonl or parquet, gzipped or not."""

import gzip
import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from datagen.rows.instruction_row import InstructionRow, rows_sha256
from datagen.rows.known_forms import rows_of
from harness.runs.settings import ConfigError

__all__ = ["InstructionRow", "read_instruction_rows", "rows_sha256"]


def read_instruction_rows(file: Path) -> list[InstructionRow]:
    """Every row, empty texts included.

    Raises ConfigError when the file cannot be read, holds no row, or rows of a form that is not known.
    """
    rows = [
        row
        for number, values in enumerate(_raw_rows(file), start=1)
        for row in rows_of(values, f"Row {number} of {str(file)!r}")
    ]
    if not rows:
        raise ConfigError(f"{str(file)!r} holds no row: the card of a data set lists why rows were dropped.")
    return rows


def _raw_rows(file: Path) -> Iterator[Any]:
    try:
        if file.suffix == ".parquet":
            parquet: Any = import_module("pyarrow.parquet")
            return iter(cast("list[Any]", parquet.read_table(file).to_pylist()))
        data = file.read_bytes()
        # Some editors put a byte order mark in front; it is no part of the first row.
        text = (gzip.decompress(data) if file.suffix == ".gz" else data).decode("utf-8-sig")
        if text.lstrip().startswith("["):
            parsed: Any = json.loads(text)
        else:
            # Not splitlines: a text may hold U+2028 and its like, which end no line of JSON.
            parsed = [json.loads(line) for line in text.split("\n") if line.strip()]
        return iter(cast("list[Any]", parsed))
    except (OSError, ValueError, EOFError, RecursionError) as error:
        raise ConfigError(f"The rows {str(file)!r} cannot be read: {error}.") from None
