"""Reads the rows of one file: JSON Lines, a JSON list or parquet, the first two also with gzip."""

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from tasks.data.unique_names import unique_names
from tasks.errors import DataError

GZIP_MAGIC = b"\x1f\x8b"


def read_rows(file: Path) -> Iterator[Mapping[str, Any]]:
    """Every row of the file as it stands there; DataError when the file cannot be read as its name says."""
    try:
        yield from _read_parquet(file) if file.suffix == ".parquet" else _read_json(file)
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, RecursionError) as error:
        raise DataError(f"{file} cannot be read ({error}); correct it or fetch it again.") from error


def _read_json(file: Path) -> list[Mapping[str, Any]]:
    data = file.read_bytes()
    if data.startswith(GZIP_MAGIC):
        data = gzip.decompress(data)
    text = data.decode("utf-8-sig")
    if text.lstrip().startswith("["):
        return [_row(row, file, f"item {number}") for number, row in enumerate(_parsed(text, file), start=1)]
    lines = ((number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip())
    return [_row(_parsed(line, file, number), file, f"line {number}") for number, line in lines]


def _parsed(text: str, file: Path, line: int | None = None) -> Any:
    try:
        return json.loads(text, object_pairs_hook=unique_names)
    except ValueError as error:
        place = f"{error.msg}: column {error.colno}" if line and isinstance(error, json.JSONDecodeError) else f"{error}"
        where = f"{file}, line {line}," if line else f"{file}"
        raise DataError(f"{where} cannot be read ({place}); correct it or fetch the file again.") from error


def _row(row: Any, file: Path, place: str) -> Mapping[str, Any]:
    if not isinstance(row, dict):
        raise DataError(f"{file}, {place}, is no row (a JSON object): {row!r:.60}; correct it or fetch the file again.")
    return cast(Mapping[str, Any], row)


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
