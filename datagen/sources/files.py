"""Source files below a folder or in a zip archive, in an order that depends on their names alone."""

import hashlib
import lzma
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from functools import lru_cache
from pathlib import Path

from datagen.code.functions import MAX_FILE_BYTES, cut_functions
from datagen.code.languages import LANGUAGE_OF_SUFFIX
from datagen.rows.raw_function import Origin
from datagen.sources.source import Found, Skip, SourceConfig
from harness.runs.settings import ConfigError

_SPDX = re.compile(r"SPDX-License-Identifier:\s*([\w.+() -]+)")
_SPDX_WINDOW = 2000
_CODING = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", re.MULTILINE)
"""What a Python file says of its bytes, in its first two lines (PEP 263)."""
_NO_TEXT = re.compile("[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f-\x9f]")
_ARCHIVE_ERRORS = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, ValueError, struct.error)
"""What zipfile raises for damaged, encrypted (RuntimeError) and unknown (NotImplementedError) contents."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file, read only when asked."""

    name: str
    """Relative to the source, with forward slashes."""
    location: Path
    """The file, or the archive that holds it."""
    archived: bool = False
    contents: bytes | None = None
    """What is in it, where the file itself is on another machine."""
    unreadable: str = ""
    """Why its own machine could not read it."""

    def with_contents(self) -> "SourceFile":
        """The same with what is in it, so that it can be read elsewhere; no more than shows that it is too large."""
        try:
            return replace(self, contents=self.read()[: MAX_FILE_BYTES + 1])
        except OSError as error:
            return replace(self, unreadable=str(error))

    def read(self) -> bytes:
        """The contents. Raises OSError for what cannot be read, of a damaged or encrypted archive too."""
        if self.unreadable:
            raise OSError(self.unreadable)
        if self.contents is not None:
            return self.contents
        if not self.archived:
            return self.location.read_bytes()
        try:
            return _archive(self.location).read(self.name)
        except _ARCHIVE_ERRORS as error:
            raise OSError(f"{self.name!r} in {str(self.location)!r}: {error}") from error


@lru_cache(maxsize=2)
def _archive(place: Path) -> zipfile.ZipFile:
    """Kept open, because opening one reads its whole table of contents."""
    return zipfile.ZipFile(place)


def list_files(place: Path, include: tuple[str, ...], exclude: tuple[str, ...]) -> list[SourceFile]:
    """Every file below `place` that `include` names (all when empty), sorted by name; links are not followed.

    Raises ConfigError when the place does not exist or cannot be read.
    """
    try:
        if place.is_dir():
            # Nothing below a folder that is left out as a whole is looked at: site-packages hold 100,000 files.
            whole = tuple(pattern.removesuffix("/*") for pattern in exclude if pattern.endswith("/*"))
            files = [SourceFile(printable(name), place / name) for name in _walk(place, "", whole)]
        else:
            with zipfile.ZipFile(place) as archive:
                files = [SourceFile(name, place, archived=True) for name in archive.namelist() if name[-1] != "/"]
    except (OSError, *_ARCHIVE_ERRORS) as error:
        raise ConfigError(
            f"The source {str(place)!r} is neither a readable folder nor a zip archive: {error}."
        ) from None
    kept = [file for file in files if not include or any(fnmatch(file.name, pattern) for pattern in include)]
    kept = [file for file in kept if not any(fnmatch(file.name, pattern) for pattern in exclude)]
    return sorted(kept, key=lambda file: file.name)


def printable(name: str) -> str:
    """A file's name as text: bytes that are not UTF-8, which no row could hold, stand as \\xNN."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _walk(place: Path, below: str, left_out: tuple[str, ...]) -> Iterator[str]:
    """Names of the files below, relative to the place; without the folders that are left out."""
    with os.scandir(place / below) as entries:
        for entry in entries:
            name = f"{below}{entry.name}"
            if entry.is_file(follow_symlinks=False):
                yield name
            elif entry.is_dir(follow_symlinks=False) and not any(fnmatch(name, pattern) for pattern in left_out):
                yield from _walk(place, f"{name}/", left_out)


def file_functions(files: Sequence[SourceFile], config: SourceConfig) -> Found:
    """The functions of every file whose language is wanted; everything else is a counted skip."""
    for file in files:
        language = language_of(file)
        if language is None:
            yield Skip(f"unknown language ({Path(file.name).suffix.lower() or 'no suffix'})")
        elif config.languages and language not in config.languages:
            yield Skip(f"language not asked for ({language})")
        else:
            try:
                data = file.read()
            except OSError:
                yield Skip("unreadable file")
                continue
            if len(data) > MAX_FILE_BYTES:
                yield Skip(f"file larger than {MAX_FILE_BYTES} bytes")
                continue
            source = decode(data)
            if source is None:
                yield Skip("binary file")
                continue
            licence = _SPDX.search(source[:_SPDX_WINDOW])
            origin = Origin(
                source=config.name,
                path=file.name,
                repository=config.repository,
                # What the user states goes over what a file says of itself.
                licence=config.licence or (licence.group(1).strip() if licence else ""),
            )
            yield from cut_functions(source, language, origin)


def language_of(file: SourceFile) -> str | None:
    """By its suffix; None for one that has no grammar."""
    return LANGUAGE_OF_SUFFIX.get(Path(file.name).suffix.lower())


def decode(data: bytes) -> str | None:
    """The text of a source file with plain line breaks; None where it is not text."""
    if b"\0" in data:
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        stated = _CODING.search(b"\n".join(data.split(b"\n", 2)[:2]))
        try:
            text = data.decode(stated.group(1).decode() if stated else "latin-1")
        except (LookupError, UnicodeDecodeError):
            return None
        # Any bytes are Latin-1; those of a picture hold what no text does.
        if _NO_TEXT.search(text):
            return None
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", " ")


def files_fingerprint(files: list[SourceFile]) -> str:
    """sha256 over names and contents: what a stage made of these files is good for exactly these."""
    digest = hashlib.sha256()
    for file in files:
        try:
            content = hashlib.sha256(file.read()).hexdigest()
        except OSError:
            content = "unreadable"
        digest.update(f"{file.name}\0{content}\n".encode())
    return digest.hexdigest()
