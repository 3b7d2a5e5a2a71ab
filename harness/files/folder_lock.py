"""Locks between processes: each dies with the process that holds it, however that ends."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.errors import WavebenchError

if TYPE_CHECKING:
    from filelock import BaseFileLock

LOCK_NAME = ".lock"


class FolderBusyError(WavebenchError):
    """Another process writes this folder."""


def file_lock(path: Path) -> "BaseFileLock":
    """The lock on the file `path`, not taken yet: `with` waits until it is free.

    The file is made where it is absent, and its content is left alone.
    """
    from filelock import FileLock  # some 15 ms that commands without a lock do not need

    # A soft lock, which filelock otherwise takes where the file system has no locks, would outlive a killed process.
    return FileLock(path, thread_local=False, fallback_to_soft=False)


def try_lock(path: Path) -> "BaseFileLock | None":
    """The lock on the file `path`, held until `release` or the end of the process; None while another has it."""
    from filelock import Timeout

    lock = file_lock(path)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return None
    return lock


def lock_folder(folder: Path) -> "BaseFileLock":
    """The lock that keeps a second process from writing `folder`, held. Raises FolderBusyError that names its owner."""
    path = folder / LOCK_NAME
    lock = try_lock(path)
    if lock is None:
        owner = path.read_text(errors="replace").strip() or "unknown"
        raise FolderBusyError(
            f"The run folder {str(folder)!r} is being written by process {owner}: wait for it, or choose another --out."
        )
    # For the sentence of whoever comes next; the lock itself is the kernel's.
    path.write_text(str(os.getpid()))
    return lock
