"""Opens a submission file that nobody vouches for: no path leaves the folder, no size is believed."""

import errno
import hashlib
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from leaderboards.submission.bundle import FORMAT, INDEX, RUN_FILES, Index, SubmissionError

_ENTRY = re.compile(rf"run-[0-9][0-9]/({'|'.join(map(re.escape, RUN_FILES))})")
MOST_RUNS = 100
LARGEST_LINE = 8_000_000
"""Bytes of one JSON line; a completion of a million tokens is about half of that."""
LARGEST_SMALL_FILE = 2_000_000
"""Bytes of what is read whole: the index, a config, a manifest."""
_READ_BYTES = 1 << 16
_UNREADABLE = (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError, ValueError, zlib.error, struct.error)
"""What the standard library raises for archives that are none, are cut short or lie about themselves."""
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Others can ask for gigabytes before the first byte is there."""


def unpack(file: Path, into: Path, most_bytes: int) -> Index:
    """Writes the runs below `into` and returns the index, whose hashes then hold.

    Raises SubmissionError for anything but the files that a submission has: other names, links, encryption, twice the
    same name, more than `most_bytes` in all, lines or small files that are too large, hashes that do not fit.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            entries = _check_entries(archive)
            index = _read_index(archive, entries)
            left = most_bytes
            for run in index.runs:
                for name in RUN_FILES:
                    left -= _extract(archive, entries[f"{run.folder}/{name}"], into, left, run.files[name])
            return index
    except (*_UNREADABLE, OSError) as error:
        if isinstance(error, OSError) and error.errno != errno.EINVAL:  # that one is a seek to before the beginning
            raise
        raise SubmissionError(f"{str(file)!r} is no zip file that can be read ({error}): ask for it again.") from None


def _check_entries(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Entries by name; each is a plain file under a name that a submission has."""
    entries: dict[str, zipfile.ZipInfo] = {}
    for entry in archive.infolist():
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if entry.filename != INDEX and not _ENTRY.fullmatch(entry.filename):
            raise _refusal(f"it holds {entry.filename[:200]!r}, which no submission has")
        if kind not in (0, stat.S_IFREG) or entry.flag_bits & 1:
            raise _refusal(f"{entry.filename!r} is a link, a device or encrypted")
        if entry.compress_type not in _METHODS:
            raise _refusal(f"{entry.filename!r} is compressed by method {entry.compress_type}")
        if entry.filename in entries:
            raise _refusal(f"{entry.filename!r} is there twice")
        entries[entry.filename] = entry
    if INDEX not in entries:
        raise _refusal(f"it has no {INDEX}")
    return entries


def _read_index(archive: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo]) -> Index:
    """The index, once it lists exactly the files that are there."""
    with archive.open(entries[INDEX]) as stream:
        text = stream.read(LARGEST_SMALL_FILE + 1)
    if len(text) > LARGEST_SMALL_FILE:
        raise _refusal(f"{INDEX!r} is larger than {LARGEST_SMALL_FILE} bytes")
    try:
        index = msgspec.json.decode(text, type=Index)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise _refusal(f"its {INDEX} is damaged ({error})") from None
    if index.format != FORMAT or not 1 <= len(index.runs) <= MOST_RUNS:
        raise _refusal(f"its format is {index.format!r} with {len(index.runs)} runs; known is format {FORMAT}")
    folders = [run.folder for run in index.runs]
    if len(set(folders)) < len(folders):
        raise _refusal(f"its {INDEX} lists one folder for several runs")
    listed = {f"{folder}/{name}" for folder in folders for name in RUN_FILES}
    if listed != set(entries) - {INDEX} or any(set(run.files) != set(RUN_FILES) for run in index.runs):
        odd = sorted(listed ^ (set(entries) - {INDEX}))
        raise _refusal(f"its {INDEX} and its files do not agree ({', '.join(map(repr, odd[:3])) or 'hashes missing'})")
    return index


def _extract(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, into: Path, left: int, sha256: str) -> int:
    """Writes one file piece by piece and returns its true size; the size in the header is never believed."""
    target = into / entry.filename
    target.parent.mkdir(exist_ok=True)
    small = not entry.filename.endswith(".jsonl")
    digest, size, line = hashlib.sha256(), 0, 0
    with archive.open(entry) as stream, target.open("xb") as copy:
        while piece := stream.read(_READ_BYTES):
            size += len(piece)
            line = line + len(piece) if b"\n" not in piece else len(piece) - piece.rindex(b"\n") - 1
            if size > left or line > LARGEST_LINE or (small and size > LARGEST_SMALL_FILE):
                raise _refusal(f"{entry.filename!r} unpacks to more than is allowed; --most-mb sets the whole")
            digest.update(piece)
            copy.write(piece)
    if digest.hexdigest() != sha256:
        raise _refusal(f"{entry.filename!r} is not the file that {INDEX} lists")
    return size


def _refusal(reason: str) -> SubmissionError:
    return SubmissionError(f"The submission is refused: {reason}.")
