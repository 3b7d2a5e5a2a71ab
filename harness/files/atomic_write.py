"""Writes a file or a folder completely or not at all: no reader and no crash ever sees half of it."""

import os
import shutil
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from harness.files.json_lines import explain_full_disk
from sandbox.errors import WavebenchError


class OutputPathError(WavebenchError):
    """Something stands where a file or folder was to be written, and it may not be replaced."""


_DRAFT_FILES = ".*.draft"


def write_whole(path: Path, pieces: str | Iterable[str]) -> None:
    """Replaces the text file `path` at once, piece by piece where the text is long.

    Raises FullDiskError; the old file then stays.
    """
    with open_whole(path) as stream:
        for piece in [pieces] if isinstance(pieces, str) else pieces:
            stream.write(piece.encode("utf-8", "surrogatepass"))


@contextmanager
def open_whole(path: Path) -> Generator[BinaryIO]:
    """A stream whose content replaces `path` once the block ends without an error.

    Raises OutputPathError, FullDiskError; after any error the old file stays and the draft is removed.
    """
    _refuse_to_replace(path, "file", path.is_file())
    # The process's number keeps two writers of one file, such as two `score` of one run, from mixing their drafts.
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        with explain_full_disk(path):
            with draft.open("wb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


@contextmanager
def open_whole_folder(folder: Path, *, resume: bool = False) -> Generator[Path]:
    """A draft folder that replaces `folder` once the block ends without an error.

    With `resume` the draft stays after an error or a kill, and the next call hands it out as it is.
    Raises OutputPathError, FullDiskError.
    """
    _refuse_to_replace(folder, "folder", folder.is_dir())
    draft = folder.with_name(folder.name + ".partial")
    if not resume:
        shutil.rmtree(draft, ignore_errors=True)
    try:
        with explain_full_disk(draft):
            draft.mkdir(parents=True, exist_ok=True)
            yield draft
            for leftover in draft.rglob(_DRAFT_FILES):  # a killed process could not remove its own
                leftover.unlink()
            sync_files(draft)
            shutil.rmtree(folder, ignore_errors=True)
            draft.replace(folder)
    finally:
        if not resume:
            shutil.rmtree(draft, ignore_errors=True)


def _refuse_to_replace(path: Path, what: str, replaceable: bool) -> None:
    """A rename would put a regular file in the place of a link, a pipe or, for root, a device such as /dev/null."""
    if not path.name:
        raise OutputPathError(f"{str(path)!r} is no name for a {what}: name the {what} to write.")
    if path.is_symlink():
        raise OutputPathError(f"{str(path)!r} is a symbolic link: name the {what} itself as the output.")
    if path.exists() and not replaceable:
        raise OutputPathError(f"{str(path)!r} exists and is no {what}: choose another name for the output.")


def sync_files(folder: Path) -> None:
    """Without this, a power cut after the rename could leave a whole-looking folder with empty files."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)
