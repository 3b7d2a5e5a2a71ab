"""Reads the rows of one file: JSON Lines, a JSON list or parquet, the first two also with gzip."""

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from sandbox.extras import install_command
from tasks.data.unique_names import unique_names
from tasks.errors import DataError

GZIP_MAGIC = b"\x1f\x8b"


def read_rows(file: Path) -> Iterator[Mapping[str, Any]]:
    """Every row of the file as it stands there; DataError when the file cannot be read as its name says."""
    try:
        if file.suffix == ".parquet":
            yield from _read_parquet(file)
            return
        data = file.read_bytes()
        # what is inside decides, not the name: people rename and unpack files
        text = (gzip.decompress(data) if data.startswith(GZIP_MAGIC) else data).decode("utf-8-sig")
        # every row is read before the first is given: a file that is broken at its end gives none
        if text.lstrip().startswith("["):
            yield from [_row(row, file, f"item {number}") for number, row in enumerate(_parsed(text, file), start=1)]
        else:  # "\n" alone ends a line of JSON Lines; `splitlines` would cut at characters that texts may hold
            lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
            yield from [_row(_parsed(line, file, number), file, f"line {number}") for number, line in lines]
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, RecursionError) as error:
        raise DataError(f"{file} cannot be read ({error}); correct it or fetch it again.") from error


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
            f"Reading {file} needs pyarrow: run {install_command('data')}, or name a folder with a jsonl copy."
        ) from error
    try:
        table = cast(Any, pyarrow.parquet).read_table(file)
    except (ValueError, OSError) as error:
        raise DataError(f"{file} cannot be read ({error}); fetch it again.") from error
    return cast(list[Mapping[str, Any]], table.to_pylist())
