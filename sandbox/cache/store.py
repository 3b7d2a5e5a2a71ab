"""Outcomes, extractions and answers of served models by the hash of what decides them: one SQLite file each kind of
store, which many processes share.

A cache may only save time. So a damaged file is set aside, an unusable file is not used, and `remark` says so in a
sentence; neither stops a run.
"""

import os
import sqlite3
import time
import zlib
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from sandbox.toolchains.cache_folder import cache_folder, hold_lock

MOST_MB = 2048
"""Size of the file above which the contents used longest ago are dropped."""
_KEPT_SHARE = 0.9
"""How full a file that had grown too large is afterwards, so that it does not shrink again at once."""
_DROPPED_AT_ONCE = 500
_CHECKED_EVERY = 2_000
"""New contents between two checks of the size."""
_USE_SECONDS = 3600
"""Resolution of the time of last use: a second hit within the hour writes nothing."""
_PATIENCE_SECONDS = 10.0
_SUM_BYTES = 4
_VERSION = 1
_UNUSABLE = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PERM})
_PASSING = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL})
"""Nothing is wrong with the file: only this one access is skipped."""
_TABLE = """
CREATE TABLE IF NOT EXISTS executions (key BLOB PRIMARY KEY, used INTEGER NOT NULL, content BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS executions_by_use ON executions (used);
"""


class BlobStore:
    """Contents, such as encoded outcomes, under 32-byte keys.

    Many processes may share it, and each may be killed at any moment.
    """

    def __init__(
        self, path: Path, most_mb: int = MOST_MB, *, kind: str = "execution", without: str = "every program runs"
    ) -> None:
        """`kind` and `without` stand in `remark`: what the file caches, and what happens where it cannot be used."""
        self.path = path
        self._kind = kind
        self._without = without
        self.remark = ""
        self._most_bytes = most_mb << 20
        self._database: sqlite3.Connection | None = None
        self._inode = 0
        self._used: set[bytes] = set()
        self._kept = 0
        with self._ignore_failures():
            self._open()

    def find(self, key: bytes) -> bytes | None:
        """The content under `key`; None when there is none, or when it cannot be read."""
        with self._ignore_failures():
            row = self._execute("SELECT used, content FROM executions WHERE key = ?", (key,))
            if row is None:
                return None
            used, sealed = row
            content = sealed[_SUM_BYTES:]
            if sealed[:_SUM_BYTES] != _checksum(content):
                raise sqlite3.DatabaseError("a content in it is not what was written")
            if used < time.time() - _USE_SECONDS:
                # written all at once in the end: a write for each hit would cost more than it saves
                self._used.add(key)
            return content
        return None

    def keep(self, key: bytes, content: bytes) -> None:
        """Stores a content, unless there is no room for it."""
        with self._ignore_failures():
            row = (key, int(time.time()), _checksum(content) + content)
            self._execute("INSERT OR REPLACE INTO executions VALUES (?, ?, ?)", row)
            self._kept += 1
            if self._kept % _CHECKED_EVERY == 0:
                self._drop_oldest()

    def close(self) -> None:
        """Writes the times of last use, drops what is too much, and closes the file."""
        with self._ignore_failures():
            if self._used and self._database:
                now = int(time.time())
                self._database.execute("BEGIN IMMEDIATE")  # one transaction: each by itself would wait for the disk
                self._database.executemany(
                    "UPDATE executions SET used = ? WHERE key = ?", ((now, key) for key in self._used)
                )
                self._database.execute("COMMIT")
            self._used.clear()
            self._drop_oldest()
        self._shut()

    def _open(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._alone():
            self.path.touch(mode=0o600)  # whoever could write to it could change verdicts
            self._inode = self.path.stat().st_ino
            database = sqlite3.connect(self.path, timeout=_PATIENCE_SECONDS, isolation_level=None)
            self._database = database
            database.execute("PRAGMA auto_vacuum = INCREMENTAL")
            database.execute("PRAGMA journal_mode = WAL")  # readers and one writer at a time do not wait for each other
            database.execute("PRAGMA synchronous = NORMAL")  # a power cut may lose the last contents, never the file
            if database.execute("PRAGMA user_version").fetchone()[0] not in (0, _VERSION):
                raise sqlite3.DatabaseError("it was written by another version")
            database.executescript(_TABLE)
            database.execute(f"PRAGMA user_version = {_VERSION}")

    def _execute(self, statement: str, values: tuple[object, ...] = ()) -> tuple[int, bytes] | None:
        """The first row of the result."""
        return self._database.execute(statement, values).fetchone() if self._database else None

    def _drop_oldest(self) -> None:
        if self._size() <= self._most_bytes:
            return
        oldest = "DELETE FROM executions WHERE key IN (SELECT key FROM executions ORDER BY used LIMIT ?)"
        while self._size() > self._most_bytes * _KEPT_SHARE and self._execute("SELECT 1 FROM executions LIMIT 1"):
            self._execute(oldest, (_DROPPED_AT_ONCE,))
        if self._database:
            self._database.executescript("PRAGMA incremental_vacuum")  # `execute` would free a single page

    def _size(self) -> int:
        """Bytes of the pages in use."""
        if not self._database:
            return 0
        pages, free, size = (
            self._database.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        return (pages - free) * size

    @contextmanager
    def _ignore_failures(self) -> Generator[None]:
        """A failure in this block costs the contents in question, never the run."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest of the number says where it went wrong
            if code in _PASSING:
                return
            self._shut()
            if code in _UNUSABLE or isinstance(error, OSError):
                self.remark = f"The {self._kind} cache {str(self.path)!r} cannot be used ({error}); {self._without}."
            else:
                self._set_aside(error)

    def _set_aside(self, error: Exception) -> None:
        """Moves a damaged file away and starts with an empty one; another process may have done so first."""
        aside = self.path.with_name(f"{self.path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}")
        try:
            with self._alone():
                if self.path.exists() and self.path.stat().st_ino == self._inode:
                    self.path.rename(aside)
                    for name in ("-wal", "-shm"):
                        self.path.with_name(self.path.name + name).unlink(missing_ok=True)
            self.remark = f"The {self._kind} cache {str(self.path)!r} was damaged ({error}): it is now {aside.name!r}."
            self._open()
        except (sqlite3.Error, OSError) as again:
            self._shut()
            self.remark = f"The {self._kind} cache {str(self.path)!r} cannot be used ({again}); {self._without}."

    def _alone(self) -> AbstractContextManager[None]:
        """No other process makes or moves the file meanwhile."""
        return hold_lock(self.path.with_name(f"{self.path.name}.lock"))

    def _shut(self) -> None:
        database, self._database = self._database, None
        if database:
            with suppress(sqlite3.Error):
                database.close()


def default_cache_path() -> Path:
    """In the user's cache folder, or in WAVEBENCH_CACHE."""
    return cache_folder() / "executions.sqlite"


def _checksum(content: bytes) -> bytes:
    """Stands in front of each content: SQLite does not notice a flipped bit in a value."""
    return zlib.crc32(content).to_bytes(_SUM_BYTES, "little")
