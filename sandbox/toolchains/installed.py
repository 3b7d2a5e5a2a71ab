"""What is installed of a language on this machine: its tools, and what was built with them beforehand.

`wavebench toolchains install` builds each toolchain once, into a folder of the user's cache, and writes down with which
tools. From then on nothing of it is searched or asked again: opening a sandbox reads one small file per language and
compares the tools' sizes and times, so that a tool replaced since is noticed and never used with stale artefacts.
"""

import hashlib
import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from sandbox.errors import WavebenchError
from sandbox.languages import SOURCES, Command, Language, fill, languages, languages_of_their_own, sources_of
from sandbox.toolchains.cache_folder import cache_folder

RECORD = "toolchain.json"
"""Written last: a folder without it is not a toolchain."""

REMEDY = "`wavebench toolchains install` builds it"


class ToolchainMissingError(WavebenchError):
    """A language cannot be run here: says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Toolchain:
    """One language's tools and artefacts on this machine."""

    language: str
    folder: str
    """Where its artefacts lie; shown to programs under the same path, read-only."""
    tools: Mapping[str, str]
    """Absolute path by name."""
    stamps: Mapping[str, tuple[int, int]]
    """Size and modification time (ns) of every tool when the artefacts were built."""
    homes: tuple[str, ...]
    """Folders outside /usr that the tools need, shown under the same path."""
    versions: tuple[str, ...]
    sources: str
    """SHA-256 of what the artefacts were built from."""
    files: Mapping[str, int] = field(default_factory=lambda: dict[str, int]())
    """Size of each artefact by its path in the folder; empty in records of before."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever an execution could: part of the key of cached executions."""
        facts = [self.language, list(self.versions), self.sources, sorted(self.stamps.items())]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def toolchain_folder(language: Language) -> Path:
    """Where the toolchain of a language is built and stays: one of another version of wavebench stands beside it."""
    return cache_folder() / "toolchains" / f"{language.toolchain_name}-{sources_digest(language)[:12]}"


def read_toolchain(language: Language) -> Toolchain:
    """The installed toolchain. Raises ToolchainMissingError when it is absent or damaged, or older than its tools or
    sources."""
    record = toolchain_folder(language) / RECORD
    try:
        toolchain = _toolchain_from(json.loads(record.read_bytes()))
    except (OSError, ValueError, TypeError, LookupError):
        raise ToolchainMissingError(f"The toolchain of {language.title} is not installed; {REMEDY}.") from None
    for name, path in toolchain.tools.items():
        if stamp(path) != toolchain.stamps.get(name):
            raise ToolchainMissingError(
                f"The tool {name!r} of {language.title} has changed or gone since its toolchain was built; "
                f"{REMEDY} again."
            )
    if toolchain.sources != sources_digest(language):
        raise ToolchainMissingError(
            f"The toolchain of {language.title} was built by another version of wavebench; {REMEDY} again."
        )
    for name, size in toolchain.files.items():
        found = stamp(os.path.join(toolchain.folder, name))
        if found is None or found[0] != size:
            raise ToolchainMissingError(
                f"The toolchain of {language.title} is damaged: {name!r} in {toolchain.folder} "
                f"{'is gone' if found is None else f'has {found[0]} bytes, not {size}'}; {REMEDY} again."
            )
    return toolchain


def _toolchain_from(record: dict[str, Any]) -> Toolchain:
    """The standard library alone reads it: nothing else is there in a sandbox image."""
    tuples: dict[str, Any] = {name: tuple(record[name]) for name in ("homes", "versions")}
    tuples["stamps"] = {name: (size, time_ns) for name, (size, time_ns) in dict(record["stamps"]).items()}
    tuples["tools"] = {name: str(path) for name, path in dict(record["tools"]).items()}
    return Toolchain(**{**record, **tuples})


def stamp(path: str) -> tuple[int, int] | None:
    """Size and modification time (ns) of a file; None when it is gone."""
    try:
        facts = os.stat(path)
    except OSError:
        return None
    return facts.st_size, facts.st_mtime_ns


def sources_digest(language: Language) -> str:
    """SHA-256 over what a toolchain is built from; read once a process, as a package's own files stay as they are."""
    return _digest_of(sources_of(language.name))


@cache
def _digest_of(folder: Path) -> str:
    files = [*SOURCES.glob("*.c"), *(path for path in folder.rglob("*") if path.is_file())]
    table = folder.parents[1] / "languages.toml"
    if table.is_file():  # another package's: its commands may change while the sandbox's own source stays
        files.append(table)
    digest = hashlib.sha256()
    for path in sorted(files):
        name = path.relative_to(SOURCES if path.is_relative_to(SOURCES) else table.parent)
        digest.update(f"{name}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def ready_languages() -> dict[str, dict[str, Any]]:
    """Every language as a fork server needs it: a row with real paths, or {"missing": what to do}."""
    rows: dict[str, dict[str, Any]] = {}
    for language in languages().values():
        try:
            rows[language.name] = asdict(with_paths(language))
        except ToolchainMissingError as error:
            rows[language.name] = {"missing": str(error)}
    return rows


def with_paths(language: Language) -> Language:
    """The row with {tool}, {artefacts} and {prelude} options filled in. Raises ToolchainMissingError."""
    if not language.needs_toolchain:
        return language
    toolchain = read_toolchain(language)
    paths = {**toolchain.tools, "artefacts": toolchain.folder}

    def fill_all(command: Command) -> Command:
        return tuple(fill(word, paths) for word in command)

    def fill_each(commands: tuple[Command, ...]) -> tuple[Command, ...]:
        return tuple(fill_all(command) for command in commands)

    split = language.split

    return replace(
        language,
        compile=fill_each(language.compile),
        compile_server=fill_all(language.compile_server),
        run=fill_all(language.run),
        prelude_options=fill_all(language.prelude_options),
        environment={name: fill(value, paths) for name, value in language.environment.items()},
        prelude=language.prelude_text,
        split=split
        and replace(
            split,
            candidate_compile=fill_each(split.candidate_compile),
            candidate_run=fill_all(split.candidate_run),
            tester_compile=fill_each(split.tester_compile),
            tester_run=fill_all(split.tester_run),
        ),
    )


def shown_folders() -> list[str]:
    """Folders outside /usr that programs of the installed languages need, to be shown read-only."""
    folders: set[str] = set()
    for language in languages_of_their_own().values():
        if language.needs_toolchain:
            try:
                toolchain = read_toolchain(language)
            except ToolchainMissingError:
                continue
            folders |= {toolchain.folder, *toolchain.homes}
    return sorted(folders)


def toolchain_facts() -> dict[str, str]:
    """Versions by language for the manifest; what is not installed is left out."""
    facts = {"toolchain python": f"Python {platform.python_version()}{_numpy()}"}
    for language in languages_of_their_own().values():
        if language.needs_toolchain:
            try:
                toolchain = read_toolchain(language)
            except ToolchainMissingError:
                continue
            facts[f"toolchain {language.name}"] = f"{'; '.join(toolchain.versions)} [{toolchain.fingerprint}]"
    return facts


def _numpy() -> str:
    try:
        return f"; numpy {version('numpy')}"
    except PackageNotFoundError:
        return ""
