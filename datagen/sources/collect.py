"""Reads every source in order: functions by content, the first place of each kept, and a count of what was left."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from datagen.rows.raw_function import RawFunction
from datagen.sources.cloze import cloze_functions
from datagen.sources.code_search_net import data_fingerprint, rows_functions
from datagen.sources.files import SourceFile, file_functions, files_fingerprint, list_files
from datagen.sources.packages import package_files, standard_library_files
from datagen.sources.source import Found, Skip, SourceConfig, SourceKind


@dataclass(slots=True)
class Collection:
    """Counts of a collection, by source."""

    found: Counter[str] = field(default_factory=Counter[str])
    skipped: Counter[str] = field(default_factory=Counter[str])
    """By "source: reason"."""


def collect(sources: tuple[SourceConfig, ...], collection: Collection, seed: int = 0) -> Iterator[RawFunction]:
    """Every function of every source; what could not be taken is counted in `collection`.

    Where a source has a limit, its files come in an order drawn by `seed`: the first by name are seldom like the rest.
    """
    for config in sources:
        for item in read_source(config, seed):
            if isinstance(item, Skip):
                collection.skipped[f"{config.name}: {item.reason}"] += 1
                continue
            collection.found[config.name] += 1
            yield item
            if collection.found[config.name] == config.limit:  # what follows is neither read nor counted
                break


def read_source(config: SourceConfig, seed: int = 0) -> Found:
    """What the source holds, function by function, and what had to be left out."""

    def drawn(files: list[SourceFile]) -> list[SourceFile]:
        return random.Random(f"{seed}:{config.name}").sample(files, len(files)) if config.limit else files

    match config.kind:
        case SourceKind.FOLDER:
            yield from file_functions(drawn(list_files(Path(config.path), config.include, config.exclude)), config)
        case SourceKind.STANDARD_LIBRARY:
            own = replace(config, licence=config.licence or "PSF-2.0", repository=config.repository or "python/cpython")
            yield from file_functions(drawn(standard_library_files(config.include, config.exclude)), own)
        case SourceKind.PACKAGES:
            for name in config.packages:
                files, licence = package_files(name)
                own = replace(config, licence=config.licence or licence, repository=config.repository or name)
                yield from file_functions(drawn(files), own)
        case SourceKind.CODE_SEARCH_NET:
            yield from rows_functions(config)
        case SourceKind.CLOZE:
            yield from cloze_functions(config)


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
