"""Keeps a second process from writing the same run folder."""

import fcntl
import os
from pathlib import Path

from sandbox.errors import WavebenchError

LOCK_NAME = ".lock"


class FolderBusyError(WavebenchError):
    """Another process writes this folder."""


def lock_folder(folder: Path) -> int:
    """A descriptor that holds the lock until it is closed or the process dies, however it dies."""
    descriptor = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "unknown"
        os.close(descriptor)
        raise FolderBusyError(
            f"The run folder {str(folder)!r} is being written by process {owner}: wait for it, or choose another --out."
        ) from None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    return descriptor
