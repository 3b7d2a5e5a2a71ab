"""Compiled testers that stay on this machine, so that the next judge need not compile a benchmark's tests again.

Only what a command of its own compiled, from trusted text alone, is kept: a compile server has read programs, too. The
folder is the judge's own and no program sees it. A file holds a digest of its name and content before the content:
what is damaged, or somebody else's, is made again.
"""

import hashlib
import json
import os
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import astuple, dataclass, field
from pathlib import Path

from sandbox.languages import languages
from sandbox.program import Program, SplitSources
from sandbox.toolchains.cache_folder import cache_folder

_MOST_BYTES = 1 << 30
"""Of all files; those that were not asked for the longest go first."""
_DIGEST_BYTES = 32


@dataclass(frozen=True, slots=True)
class CompiledTesters:
    """Finds and keeps the compiled testers of programs; `facts` are those of the sandbox that compiles them."""

    facts: Mapping[str, str]
    folder: Path = field(default_factory=lambda: cache_folder() / "testers")

    def key_of(self, program: Program) -> str:
        """What a compiled tester depends on: its text, its commands, its toolchain and the image that holds that.

        Empty where none is kept.
        """
        row = languages().get(program.language)
        if not (row and row.split and row.split.tester_compile and isinstance(program.split, SplitSources)):
            return ""
        made_with = [self.facts.get(name, "") for name in (f"toolchain {program.language}", "image")]
        parts = [program.split.tests, astuple(row.split), sorted(row.environment.items()), made_with]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def find(self, key: str) -> bytes:
        """The files of a compiled tester, as `keep` was given them; empty where there is none that is sound."""
        try:
            with open(self.folder / key, "rb", opener=_open_own) as file:
                digest, data = file.read(_DIGEST_BYTES), file.read()
                os.utime(file.fileno())
        except OSError:
            return b""
        return data if digest == _digest(key, data) else b""

    def keep(self, key: str, data: bytes) -> None:
        """Keeps it, unless that cannot be: then the next judge compiles it again."""
        with suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                # Without a name until it is whole: whoever is killed leaves nothing.
                with os.fdopen(os.open(self.folder, os.O_TMPFILE | os.O_WRONLY, 0o600), "wb") as file:
                    file.write(_digest(key, data) + data)
                    file.flush()
                    (self.folder / key).unlink(missing_ok=True)
                    os.link(f"/proc/self/fd/{file.fileno()}", key, dst_dir_fd=folder)  # with it, links are followed
            finally:
                os.close(folder)
            self._make_room()

    def _make_room(self) -> None:
        files = sorted((file.stat().st_mtime_ns, file.stat().st_size, file) for file in self.folder.iterdir())
        size = sum(bytes_of for _, bytes_of, _ in files)
        for _, bytes_of, file in files:
            if size <= _MOST_BYTES:
                break
            file.unlink(missing_ok=True)
            size -= bytes_of


class TesterExchange:
    """What one server is given of a store, and gives to it. One file in memory crosses with each program."""

    def __init__(self, open_store: Callable[[], CompiledTesters]) -> None:
        """`open_store` is called with the first such program: to look at toolchains takes longer than many a run."""
        self._open_store = open_store
        self._had: set[str] = set()
        """Keys of what the server was given or gave: it keeps them, and makes again what it has lost."""
        self._wanted: deque[tuple[str, int]] = deque()
        """For each program that is with the server: the key and the file of what it may give, or an empty key."""

    def offer(self, program: Program) -> int:
        """The file to send along: with the compiled tester, or empty. Close it once it is sent."""
        store = self._open_store()
        key = store.key_of(program)
        data = store.find(key) if key and key not in self._had else b""
        file = os.memfd_create("tester")
        written = 0
        while written < len(data):
            written += os.pwrite(file, memoryview(data)[written:], written)
        wanted = key if key not in self._had and not data else ""
        self._had.add(key)
        self._wanted.append((wanted, os.dup(file) if wanted else -1))
        return file

    def offer_nothing(self) -> None:
        """The program that is sent has no such tester."""
        self._wanted.append(("", -1))

    def take(self) -> None:
        """Keeps what came with the report on the oldest program."""
        key, file = self._wanted.popleft()
        if key:
            if size := os.fstat(file).st_size:
                self._open_store().keep(key, os.pread(file, size, 0))
            os.close(file)

    def close(self) -> None:
        """Forgets the programs that are with the server."""
        while self._wanted:
            _, file = self._wanted.pop()
            if file >= 0:
                os.close(file)
        self._had.clear()


def _open_own(path: str, flags: int) -> int:
    """Opens a file that nobody else can have written. Raises OSError."""
    descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC)
    for facts in (os.fstat(descriptor), os.stat(os.path.dirname(path))):
        if facts.st_uid != os.geteuid() or facts.st_mode & 0o022:
            os.close(descriptor)
            raise PermissionError(path)
    return descriptor


def _digest(key: str, data: bytes) -> bytes:
    return hashlib.sha256(key.encode() + data).digest()
