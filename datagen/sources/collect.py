"""Reads every source in order: functions by content, the first place of each kept, and a count of what was left."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from datagen.rows.raw_function import RawFunction
from datagen.sources.cloze import cloze_functions
from datagen.sources.code_search_net import data_fingerprint, rows_functions
from datagen.sources.files import file_functions, files_fingerprint, list_files
from datagen.sources.packages import package_files, standard_library_files
from datagen.sources.source import Found, Skip, SourceConfig, SourceKind


@dataclass(slots=True)
class Collection:
    """Counts of a collection, by source."""

    found: Counter[str] = field(default_factory=Counter[str])
    skipped: Counter[str] = field(default_factory=Counter[str])
    """By "source: reason"."""


def collect(sources: tuple[SourceConfig, ...], collection: Collection) -> Iterator[RawFunction]:
    """Every function of every source; what could not be taken is counted in `collection`."""
    for config in sources:
        functions = _drop_skips(_READERS[config.kind](config), config.name, collection)
        for function in islice(functions, config.limit):
            collection.found[config.name] += 1
            yield function


def _drop_skips(found: Found, name: str, collection: Collection) -> Iterator[RawFunction]:
    for item in found:
        if isinstance(item, Skip):
            collection.skipped[f"{name}: {item.reason}"] += 1
        else:
            yield item


def _folder(config: SourceConfig) -> Found:
    return file_functions(list_files(Path(config.path), config.include, config.exclude), config)


def _standard_library(config: SourceConfig) -> Found:
    config = replace(config, licence=config.licence or "PSF-2.0", repository=config.repository or "python/cpython")
    return file_functions(standard_library_files(config.include, config.exclude), config)


def _packages(config: SourceConfig) -> Found:
    for name in config.packages:
        files, licence = package_files(name)
        own = replace(config, licence=config.licence or licence, repository=config.repository or name)
        yield from file_functions(files, own)


_READERS: dict[SourceKind, Callable[[SourceConfig], Found]] = {
    SourceKind.FOLDER: _folder,
    SourceKind.STANDARD_LIBRARY: _standard_library,
    SourceKind.PACKAGES: _packages,
    SourceKind.CODE_SEARCH_NET: rows_functions,
    SourceKind.CLOZE: cloze_functions,
}


def source_fingerprint(config: SourceConfig) -> str:
    """Identity of what a source holds now."""
    match config.kind:
        case SourceKind.FOLDER:
            return files_fingerprint(list_files(Path(config.path), config.include, config.exclude))
        case SourceKind.STANDARD_LIBRARY:
            return files_fingerprint(standard_library_files(config.include, config.exclude))
        case SourceKind.PACKAGES:
            return ",".join(files_fingerprint(package_files(name)[0]) for name in config.packages)
        case SourceKind.CODE_SEARCH_NET | SourceKind.CLOZE:
            return data_fingerprint(config.path, config.revision)
