"""Reads every source in order, on all cores: functions, and a count of what was left."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

import msgspec

from datagen.rows.modules import ModuleText, module_key
from datagen.rows.raw_function import RawFunction
from datagen.sources.cloze import cloze_functions
from datagen.sources.code_search_net import data_fingerprint, data_rows, found_in_rows
from datagen.sources.files import SourceFile, file_functions, files_fingerprint, language_of, list_files
from datagen.sources.packages import package_files, standard_library_files
from datagen.sources.source import Found, Skip, SourceConfig, SourceKind
from datagen.workplace.local import LOCAL
from datagen.workplace.workplace import Workplace

T = TypeVar("T")

_FILES_A_PART = 16
_ROWS_A_PART = 256


@dataclass(slots=True)
class Collection:
    """Counts of a collection, by source."""

    found: Counter[str] = field(default_factory=Counter[str])
    skipped: Counter[str] = field(default_factory=Counter[str])
    """By "source: reason"."""


@dataclass(frozen=True, slots=True)
class SourcePart:
    """Some files or rows of a source that are read together; small, so that it can go to another process."""

    config: SourceConfig
    read: Callable[[], Found]


@dataclass(frozen=True, slots=True)
class FilesPart:
    """The same of files, whose contents can come along."""

    config: SourceConfig
    files: Sequence[SourceFile]

    def read(self) -> Found:
        """What is in them."""
        return file_functions(self.files, self.config)

    def with_contents(self) -> "FilesPart":
        """The same with the contents of all files that will be read."""
        languages = self.config.languages
        return replace(
            self,
            files=[
                file.with_contents() if (found := language_of(file)) and (not languages or found in languages) else file
                for file in self.files
            ],
        )


@dataclass(frozen=True, slots=True)
class CutPart:
    """What such a part holds, ready to be written."""

    source: str
    limit: int | None
    items: tuple[bytes | Skip, ...]
    """In order: a function's line, with the key of its module in place of the module, or what was left."""
    modules: dict[str, bytes]
    """Lines of the modules by key."""


def collect(sources: tuple[SourceConfig, ...], collection: Collection, seed: int = 0) -> Iterator[RawFunction]:
    """Every function of every source; what could not be taken is counted in `collection`.

    Where a source has a limit, its files come in an order drawn by `seed`: the first by name are seldom like the rest.
    """
    for config in sources:
        for item in (each for part in source_parts(config, seed) for each in part.read()):
            if isinstance(item, Skip):
                collection.skipped[f"{config.name}: {item.reason}"] += 1
                continue
            collection.found[config.name] += 1
            yield item
            if collection.found[config.name] == config.limit:  # what follows is neither read nor counted
                break


def collect_lines(
    sources: tuple[SourceConfig, ...],
    collection: Collection,
    seed: int,
    workers: int | None,
    keep_module: Callable[[str, bytes], None],
    workplace: Workplace = LOCAL,
) -> Iterator[bytes]:
    """The same as lines of a file, cut on all cores; each module is handed to `keep_module` before its functions."""
    for config in sources:
        for part in workplace.map_in_order(cut_part, source_parts(config, seed), workers):
            for key, line in part.modules.items():
                keep_module(key, line)
            for item in part.items:
                if isinstance(item, Skip):
                    collection.skipped[f"{config.name}: {item.reason}"] += 1
                    continue
                collection.found[config.name] += 1
                yield item
                if collection.found[config.name] == config.limit:
                    break
            if collection.found[config.name] == config.limit:
                break


def cut_part(part: SourcePart | FilesPart) -> CutPart:
    """Reads one part; runs in a process of its own."""
    encoder = msgspec.json.Encoder()
    items: list[bytes | Skip] = []
    modules: dict[str, bytes] = {}
    text = key = ""
    for item in part.read():
        if isinstance(item, Skip):
            items.append(item)
            continue
        if item.module:
            if item.module is not text:
                text, key = item.module, module_key(item.module)
                modules[key] = encoder.encode(ModuleText(key, text)) + b"\n"
            item = replace(item, module=key)
        items.append(encoder.encode(item) + b"\n")
    return CutPart(part.config.name, part.config.limit, tuple(items), modules)


def source_parts(config: SourceConfig, seed: int = 0) -> Iterator[SourcePart | FilesPart]:
    """A source cut into parts, in order."""

    def in_parts(files: list[SourceFile], own: SourceConfig) -> Iterator[FilesPart]:
        drawn = random.Random(f"{seed}:{config.name}").sample(files, len(files)) if config.limit else files
        for some in _batches(drawn, _FILES_A_PART):
            yield FilesPart(own, some)

    match config.kind:
        case SourceKind.FOLDER:
            yield from in_parts(list_files(Path(config.path), config.include, config.exclude), config)
        case SourceKind.STANDARD_LIBRARY:
            own = replace(config, licence=config.licence or "PSF-2.0", repository=config.repository or "python/cpython")
            yield from in_parts(standard_library_files(config.include, config.exclude), own)
        case SourceKind.PACKAGES:
            for name in config.packages:
                files, licence = package_files(name)
                own = replace(config, licence=config.licence or licence, repository=config.repository or name)
                yield from in_parts(files, own)
        case SourceKind.CODE_SEARCH_NET:
            for rows in _batches(data_rows(config), _ROWS_A_PART):
                yield SourcePart(config, partial(found_in_rows, rows, config))
        case SourceKind.CLOZE:
            yield SourcePart(config, partial(cloze_functions, config))


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some


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
