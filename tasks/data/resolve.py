"""Finds the rows of a data set: data folder, package, hub cache, hub; and refuses rows that are not the known ones."""

import importlib.util
import logging
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tasks.data.canonical import canonical_rows, fingerprint
from tasks.data.dataset import DataSet, Row
from tasks.data.download import downloaded, fetched_file, user_cache_file
from tasks.data.files import read_rows
from tasks.data.hub import HubUnavailableError, cached_files, fetched_files
from tasks.errors import DataError

DATA_VARIABLE = "WAVEBENCH_DATA"
DATA_FOLDER = "data folder"
"""The source of rows that lie where the user said."""
_LOGGER = logging.getLogger("wavebench")


@dataclass(frozen=True, slots=True)
class Found:
    """Files that together hold a data set."""

    files: tuple[Path, ...]
    source: str
    """DATA_FOLDER, package, hub cache or hub."""

    def __str__(self) -> str:
        more = f" and {len(self.files) - 1} more" if len(self.files) > 1 else ""
        return f"{self.source}: {next(iter(self.files))}{more}"


def load_rows(dataset: DataSet, data_dir: Path | None = None) -> tuple[Row, ...]:
    """All rows of the data set, checked against its fingerprint; DataError with the remedy when that fails."""
    found = locate(dataset, data_dir)
    if found is None:
        origin = "hub" if dataset.hub else "download"
        try:
            found = Found(tuple(fetched_files(dataset.hub) if dataset.hub else [fetched_file(dataset.url)]), origin)
        except HubUnavailableError as error:
            server = "the hub" if dataset.hub else dataset.url
            raise DataError(
                f"The data set {dataset.name!r} is not on this machine and {server} did not serve it ({error}): put "
                f"{dataset.files[0][0]} from {dataset.source} into a folder and name that with --data or "
                f"{DATA_VARIABLE}."
            ) from error
    if data_dir and found.source != DATA_FOLDER:
        _tell_elsewhere(dataset.name, dataset.files[0][0], data_dir, str(found))
    rows = canonical_rows(dataset, (row for file in found.files for row in read_rows(file)), str(found))
    actual = fingerprint(rows, dataset.remarks)
    if actual != dataset.fingerprint:
        raise DataError(
            f"The rows of {dataset.name!r} in {found} are not the known ones ({len(rows)} rows, fingerprint "
            f"{actual[:12]}; expected {dataset.rows} rows, {dataset.fingerprint[:12]}): "
            f"replace them with {dataset.files[0][0]} from {dataset.source}."
        )
    return rows


def locate(dataset: DataSet, data_dir: Path | None = None) -> Found | None:
    """Where the data set lies on this machine, without reading it; None when only the hub could help."""
    if folder := data_folder(data_dir):
        for names in (*dataset.files, *((dataset.hub.files,) if dataset.hub else ())):
            files = tuple(folder / name for name in names)
            if all(file.is_file() for file in files):
                return Found(files, DATA_FOLDER)
    if packaged := dataset.package:
        # the package is looked at and never imported: what its code does is none of our business
        spec = importlib.util.find_spec(packaged.package)
        if spec and spec.submodule_search_locations:
            file = Path(spec.submodule_search_locations[0]) / packaged.file
            if file.is_file():
                return Found((file,), "package")
    if dataset.hub and (cached := cached_files(dataset.hub)):
        return Found(tuple(cached), "hub cache")
    if dataset.user_cache and (file := user_cache_file(dataset.user_cache)).is_file():
        return Found((file,), "its own tool's cache")
    if dataset.url and (file := downloaded(dataset.url)).is_file():
        return Found((file,), "download cache")
    return None


def data_folder(data_dir: Path | None = None) -> Path | None:
    """The folder given, else the one that WAVEBENCH_DATA names: the only place that reads the variable."""
    named = os.environ.get(DATA_VARIABLE)
    folder = data_dir or (Path(named) if named else None)
    if folder is not None and not folder.is_dir():
        raise DataError(f"The data folder {str(folder)!r} does not exist; correct --data or {DATA_VARIABLE}.")
    return folder


@cache
def _tell_elsewhere(name: str, file: str, folder: Path, found: str) -> None:
    """Once for each folder: whoever named it expects its rows."""
    _LOGGER.warning("%s", f"{str(folder)!r} holds no {file}: the rows of {name} are those of the {found}.")
