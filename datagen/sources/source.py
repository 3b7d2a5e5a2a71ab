"""What a source of raw code is: a configuration in, functions and counted skips out."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from datagen.rows.raw_function import RawFunction
from harness.runs.settings import ConfigError


class SourceKind(StrEnum):
    """How a source is read."""

    FOLDER = "folder"
    """Every source file below a folder or in a zip archive."""
    STANDARD_LIBRARY = "standard library"
    """The Python standard library of this interpreter, without its tests."""
    PACKAGES = "packages"
    """Installed Python packages, by their distribution names; their licences are read from their metadata."""
    CODE_SEARCH_NET = "codesearchnet"
    """Rows of CodeSearchNet: jsonl, gzipped jsonl or parquet, a file or a folder of them, or a hub id."""
    CLOZE = "cloze"
    """CodeXGLUE cloze files: token lists with one masked token each."""


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """One source, as the configuration names it."""

    name: str
    """Name of the source in the card and in every row."""
    kind: SourceKind = SourceKind.FOLDER
    """Where the functions come from."""
    path: str = ""
    """Folder, archive or file; a hub id (owner/name) for CodeSearchNet."""
    packages: tuple[str, ...] = ()
    """Distribution names, for the kind packages."""
    languages: tuple[str, ...] = ()
    """Only these; empty takes every language that has a grammar."""
    include: tuple[str, ...] = ()
    """Patterns of relative paths to take, such as "java.base/java/util/*"; empty takes all."""
    exclude: tuple[str, ...] = ()
    """Patterns of relative paths to leave out, such as "*/tests/*"."""
    licence: str = ""
    """Licence of the code, as the card states it; empty takes what the source itself says."""
    repository: str = ""
    """Repository of the code, as the card states it; empty takes what the source itself says."""
    revision: str = ""
    """Commit of a hub data set."""
    limit: int | None = None
    """At most so many functions, of files drawn by the seed (of row files the first)."""

    def __post_init__(self) -> None:
        if self.kind in (SourceKind.FOLDER, SourceKind.CODE_SEARCH_NET, SourceKind.CLOZE) and not self.path:
            raise ConfigError(f"The source {self.name!r} of kind {self.kind.value!r} needs a path.")
        if self.kind is SourceKind.PACKAGES and not self.packages:
            raise ConfigError(f"The source {self.name!r} of kind 'packages' needs packages = [...].")
        if self.limit is not None and self.limit < 1:
            raise ConfigError(f"The source {self.name!r} has limit = {self.limit!r}: at least 1, or leave it out.")


@dataclass(frozen=True, slots=True)
class Skip:
    """Something that was found and not taken; counted by reason."""

    reason: str


Found = Iterator[RawFunction | Skip]
