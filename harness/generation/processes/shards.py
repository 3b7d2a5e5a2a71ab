"""Answers of helping processes on their way into the run folder: one file for each, which only that process writes.

The main process reads the files as they grow. The next start takes over what a kill leaves behind.
"""

from collections.abc import Iterator
from pathlib import Path

from harness.completion import Completion
from harness.files.folder_lock import FolderBusyError, try_lock
from harness.files.json_lines import JsonLines, read_lines

FOLDER = ".shards"


class Shard:
    """The file of one helping process, as that process sees it. The kernel drops its lock when the process dies."""

    def __init__(self, run_folder: Path, rank: int) -> None:
        path = shard_path(run_folder, rank)
        path.parent.mkdir(exist_ok=True)
        lock = try_lock(path)
        if lock is None:
            raise _busy(path)
        self._lock = lock
        self._lines = JsonLines(path, Completion)
        self._lines.open()

    def append(self, completion: Completion) -> None:
        self._lines.append(completion)

    def close(self) -> None:
        self._lines.close()
        self._lock.release()


class Shards:
    """All shards of a run folder, as the main process sees them."""

    def __init__(self, run_folder: Path) -> None:
        self._folder = run_folder / FOLDER
        self._ends: dict[Path, int] = {}

    def read_new(self) -> Iterator[Completion]:
        """What was written since the last call; a line that is still being written comes with a later call."""
        for path in sorted(self._folder.glob("*.jsonl")):
            # From where the last call ended: a line is handed over once.
            for end, completion in read_lines(path, Completion, self._ends.get(path, 0)):
                self._ends[path] = end
                yield completion

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
    lock = try_lock(path)
    if lock is not None:
        lock.release()
    return lock is None


def _busy(path: Path) -> FolderBusyError:
    return FolderBusyError(f"{str(path)!r} is still being written by a helper of an earlier start: wait until it ends.")
