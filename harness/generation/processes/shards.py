"""Answers of helping processes on their way into the run folder: one file for each, which only that process writes.

The main process reads the files as they grow. The next start takes over what a kill leaves behind.
"""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from harness.completion import Completion
from harness.files.folder_lock import FolderBusyError
from harness.files.json_lines import JsonLines

FOLDER = ".shards"


class Shard:
    """The file of one helping process, as that process sees it. The kernel drops its lock when the process dies."""

    def __init__(self, run_folder: Path, rank: int) -> None:
        path = shard_path(run_folder, rank)
        path.parent.mkdir(exist_ok=True)
        self._lock = _lock(path)
        if self._lock is None:
            raise _busy(path)
        self._lines = JsonLines(path, Completion)
        self._lines.open()

    def append(self, completion: Completion) -> None:
        self._lines.append(completion)

    def close(self) -> None:
        self._lines.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


class Shards:
    """All shards of a run folder, as the main process sees them."""

    def __init__(self, run_folder: Path) -> None:
        self._folder = run_folder / FOLDER
        self._decoder = msgspec.json.Decoder(Completion)
        self._ends: dict[Path, int] = {}

    def read_new(self) -> Iterator[Completion]:
        """What was written since the last call; a line that is still being written comes with a later call."""
        for path in sorted(self._folder.glob("*.jsonl")):
            with path.open("rb") as stream:
                stream.seek(self._ends.get(path, 0))
                for line in stream:
                    if not line.endswith(b"\n"):
                        break
                    self._ends[path] = self._ends.get(path, 0) + len(line)
                    yield self._decoder.decode(line)

    def refuse_owners(self) -> None:
        """Raises FolderBusyError while a helper of an earlier start still writes."""
        for path in self._folder.glob("*.jsonl"):
            if is_written(path):
                raise _busy(path)

    def remove(self) -> None:
        """Removes the files whose owner is gone; all of them must have been read."""
        for path in self._folder.glob("*.jsonl"):
            if not is_written(path):
                path.unlink()
                self._ends.pop(path, None)
        if self._folder.is_dir() and not any(self._folder.iterdir()):
            self._folder.rmdir()


def shard_path(run_folder: Path, rank: int) -> Path:
    """Where a helping process writes."""
    return run_folder / FOLDER / f"{rank}.jsonl"


def is_written(path: Path) -> bool:
    """Whether the process that owns the file lives."""
    lock = _lock(path)
    if lock is not None:
        os.close(lock)
    return lock is None


def _lock(path: Path) -> int | None:
    """A descriptor that holds the lock; None when another process holds it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _busy(path: Path) -> FolderBusyError:
    return FolderBusyError(f"{str(path)!r} is still being written by a helper of an earlier start: wait until it ends.")
