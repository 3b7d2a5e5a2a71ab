"""CodeSearchNet rows in both spellings: the hub's columns and the original files' names."""

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from datagen.code.functions import cut_functions
from datagen.code.languages import LANGUAGES
from datagen.rows.json_array import array_items
from datagen.rows.raw_function import Origin, RawFunction
from datagen.sources.source import Found, Skip, SourceConfig
from harness.runs.settings import ConfigError

Row = Mapping[str, Any]
_CODE = ("func_code_string", "whole_func_string", "code", "original_string")
_DOCSTRING = ("func_documentation_string", "docstring")
_REPOSITORY = ("repository_name", "repo")
_PATH = ("func_path_in_repository", "path")
_URL = ("func_code_url", "url")
_SUFFIXES = (".jsonl", ".jsonl.gz", ".parquet", ".json", ".json.gz")


def rows_functions(config: SourceConfig) -> Found:
    """One function a row; rows that hold no whole function of a known language are counted skips."""
    yield from found_in_rows(data_rows(config), config)


def found_in_rows(rows: Iterable[Row], config: SourceConfig) -> Found:
    """The same of some of its rows."""
    for row in rows:
        language = str(row.get("language", "")).lower()
        if language not in LANGUAGES:
            yield Skip(f"unknown language ({language or 'not stated'})")
        elif config.languages and language not in config.languages:
            yield Skip(f"language not asked for ({language})")
        else:
            origin = Origin(
                source=config.name,
                path=_first(row, _PATH),
                repository=_first(row, _REPOSITORY) or config.repository,
                licence=str(row.get("license") or config.licence),
                url=_first(row, _URL),
            )
            function = row_function(_first(row, _CODE), _first(row, _DOCSTRING), language, origin)
            yield function if function is not None else Skip("row without a whole function")


def row_function(code: str, docstring: str, language: str, origin: Origin) -> RawFunction | None:
    """The first function of a lone piece of code, documented by `docstring`; None where there is none."""
    row = LANGUAGES[language]
    before, after = row.type_fence
    for source in (row.file_head + code, row.file_head + before + code + after):
        function = next(cut_functions(source, language, origin), None)
        if function is not None:
            return replace(function, docstring=docstring.strip() or function.docstring)
    return None


def _first(row: Row, names: tuple[str, ...]) -> str:
    return next((str(row[name]) for name in names if row.get(name)), "")


def data_rows(config: SourceConfig) -> Iterator[Row]:
    """The rows of a source, one in memory at a time."""
    place = Path(config.path)
    if place.exists():
        for file in data_files(place):
            yield from _file_rows(file)
    elif config.path.count("/") == 1 and not config.path.startswith((".", "/")):
        datasets: Any = import_module("datasets")
        try:
            rows: Any = datasets.load_dataset(
                config.path, split="train", revision=config.revision or None, streaming=True
            )
            yield from rows
        except (OSError, ValueError) as error:
            raise ConfigError(f"The hub data set {config.path!r} cannot be loaded: {error}.") from None
    else:
        raise ConfigError(f"The source {config.name!r} names {config.path!r}, which is neither a file nor a folder.")


def data_files(place: Path) -> list[Path]:
    """The data file itself, or every data file below the folder, sorted."""
    if place.is_file():
        return [place]
    return sorted(path for path in place.rglob("*") if path.name.endswith(_SUFFIXES) and path.is_file())


def _file_rows(file: Path) -> Iterator[Row]:
    try:
        if file.suffix == ".parquet":
            parquet: Any = import_module("pyarrow.parquet")
            for batch in parquet.ParquetFile(file).iter_batches(batch_size=1000):
                yield from batch.to_pylist()
            return
        is_packed = file.suffix == ".gz"
        with gzip.open(file, "rt", encoding="utf-8-sig") if is_packed else file.open(encoding="utf-8-sig") as stream:
            first = stream.read(1)
            stream.seek(0)
            # WaveCoder's own seed file is called .jsonl and is one JSON array.
            lines = array_items(stream) if first == "[" else (json.loads(line) for line in stream if line.strip())
            yield from cast("Iterator[Row]", lines)
    except (ValueError, OSError, EOFError, RecursionError) as error:
        raise ConfigError(f"The data file {str(file)!r} cannot be read: {error}.") from None


def data_fingerprint(place: str, revision: str) -> str:
    """sha256 over the local files' contents, or over the hub id and revision."""
    digest = hashlib.sha256(f"{revision}".encode())
    if not Path(place).exists():
        digest.update(place.encode())
        return digest.hexdigest()
    for file in data_files(Path(place)):
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()
