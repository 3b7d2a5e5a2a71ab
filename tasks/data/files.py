"""Reads the rows of one file: JSON Lines, a JSON list or parquet, the first two also with gzip."""

import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from tasks.errors import DataError


def read_rows(file: Path) -> Iterator[Mapping[str, Any]]:
    """Every row of the file as it stands there; DataError when the file cannot be read as its name says."""
    try:
        yield from _read_parquet(file) if file.suffix == ".parquet" else _read_json(file)
    except (OSError, EOFError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise DataError(f"{file} cannot be read ({error}); fetch it again.") from error


def _read_json(file: Path) -> list[Mapping[str, Any]]:
    data = file.read_bytes()
    if file.suffix == ".gz":
        data = gzip.decompress(data)
    text = data.decode("utf-8-sig")
    if text.lstrip().startswith("["):
        rows: list[Any] = json.loads(text)
    else:
        rows = [json.loads(line) for line in text.split("\n") if line.strip()]
    if not all(isinstance(row, dict) for row in rows):
        raise DataError(f"{file} holds something that is no row (a JSON object); fetch it again.")
    return rows


def _read_parquet(file: Path) -> list[Mapping[str, Any]]:
    try:
        import pyarrow.parquet  # pyright: ignore[reportMissingTypeStubs]
    except ModuleNotFoundError as error:
        raise DataError(
            f"Reading {file} needs pyarrow: run pip install 'wavebench[data]', or name a folder with a jsonl copy."
        ) from error
    try:
        table = cast(Any, pyarrow.parquet).read_table(file)
    except (ValueError, OSError) as error:
        raise DataError(f"{file} cannot be read ({error}); fetch it again.") from error
    return cast(list[Mapping[str, Any]], table.to_pylist())
