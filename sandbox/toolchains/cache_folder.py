"""The user's cache folder, and locks on what lies in it.

With the standard library alone, not by platformdirs and filelock: containers and image builds have neither.
"""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


def cache_folder() -> Path:
    """Where what can be made again is kept: WAVEBENCH_CACHE, else wavebench in XDG_CACHE_HOME, else in ~/.cache."""
    own = os.environ.get("WAVEBENCH_CACHE")
    shared = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return (Path(own) if own else Path(shared) / "wavebench").expanduser()


@contextmanager
def hold_lock(path: Path) -> Generator[None]:
    """Waits until no other process holds the lock on the file `path`; a process that dies lets go of it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
