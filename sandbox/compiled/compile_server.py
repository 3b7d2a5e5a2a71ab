"""A compiler that stays: started once per fork server behind walls of its own, asked by each compiling stage.

It holds no program's code longer than it compiles it and never runs any. When a stage that talks to it is stopped, when
it runs out of memory or stack, or after some hundred programs, it is replaced, so that nothing builds up in it.
"""

import os
import signal
import socket
import struct
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from sandbox.compiled.stage import RefusedError
from sandbox.languages import Language
from sandbox.program import Limits
from sandbox.walls.isolation import StageIsolation
from sandbox.walls.syscalls import DESCRIPTORS_END
from sandbox.wire.texts import NOT_STARTED_CODE, write_all

_COUNT = struct.Struct(">I")
_ANSWER_BYTES = 64 << 20
_PROGRAMS = 500
"""After how many programs it is replaced."""

_REFUSED, _COMPILED, _EXHAUSTED = 0, 1, 2

EXHAUSTED_CODE, LOST_CODE = 2, 3
"""Exit codes of a compiling stage whose compile server gave up, or died."""


class CompileServer:
    """The server's side: keeps one running."""

    def __init__(self, language: Language, isolation: StageIsolation, protected_pids: set[int]) -> None:
        self._language = language
        self._isolation = isolation
        self._protected_pids = protected_pids
        self._pid = 0
        self._channel: socket.socket | None = None
        self._programs = 0

    @property
    def isolation(self) -> StageIsolation:
        return self._isolation

    def channel(self) -> int:
        """The descriptor to talk to it; starts it where there is none."""
        if self._programs >= _PROGRAMS:
            self.end()
        self._programs += 1
        if self._channel is None:
            self._start()
        assert self._channel
        return self._channel.fileno()

    def end(self) -> None:
        """Stops it; the next program gets a fresh one."""
        if self._channel:
            self._channel.close()
            self._channel = None
            with suppress(ProcessLookupError, ChildProcessError):  # without walls a sweep may have found it dead
                os.kill(self._pid, signal.SIGKILL)
                os.waitpid(self._pid, 0)
            self._isolation.clean_up()
            self._protected_pids.discard(self._pid)
            self._programs = 0

    def _start(self) -> None:
        self._channel, other = socket.socketpair()
        limits = self._language.compile_limits
        lasting = Limits(
            cpu_seconds=10**8, memory_mb=limits.memory_mb, processes=limits.processes, disk_mb=limits.disk_mb
        )
        self._isolation.group.limit(limits.memory_mb, limits.processes)
        self._isolation.before_fork(limits.disk_mb)
        self._pid = os.fork()
        if self._pid == 0:
            try:
                self._isolation.enter(lasting, address_space=False)
                nothing = os.open(os.devnull, os.O_RDWR)
                words = list(self._language.compile_server)
                for target, source in enumerate((other.fileno(), other.fileno(), nothing)):
                    os.dup2(source, target, inheritable=True)
                os.closerange(3, DESCRIPTORS_END)
                os.execve(words[0], words, {**os.environ, **self._language.environment})
            finally:
                os._exit(NOT_STARTED_CODE)
        self._isolation.after_fork()
        self._protected_pids.add(self._pid)
        other.close()


def ask_compile_server(channel: int, files: Mapping[str, str], words: int) -> int:
    """In a compiling stage: sends the sources, writes the files that come back into the current folder.

    What the compiler says goes to the descriptor `words`. Returns the code that the stage is to end with. Raises
    RefusedError where the source makes files that cannot be.
    """
    try:
        parts = [_COUNT.pack(len(files))]
        for data in (part.encode(errors="surrogatepass") for file in files.items() for part in file):
            parts += [_COUNT.pack(len(data)), data]
        write_all(channel, b"".join(parts))
        result = _receive(channel, 1)[0]
        messages = _receive_chunk(channel)
        made = {_receive_chunk(channel).decode(): _receive_chunk(channel) for _ in range(_receive_count(channel))}
    except (OSError, EOFError):
        return LOST_CODE
    os.write(words, messages[:60_000])
    for name, data in made.items():
        path = Path(name)
        if path.is_absolute() or ".." in path.parts:
            return LOST_CODE
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        except (OSError, ValueError) as error:  # the source chose the name and the size
            raise RefusedError(f"the compiled file {name[:100]!r} cannot be written: {error}") from error
    return {_COMPILED: 0, _REFUSED: 1, _EXHAUSTED: EXHAUSTED_CODE}.get(result, LOST_CODE)


def _receive_count(channel: int) -> int:
    count: int = _COUNT.unpack(_receive(channel, _COUNT.size))[0]
    if count > _ANSWER_BYTES:
        raise EOFError
    return count


def _receive_chunk(channel: int) -> bytes:
    return _receive(channel, _receive_count(channel))


def _receive(channel: int, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        part = os.read(channel, min(size - len(data), 1 << 20))
        if not part:
            raise EOFError
        data += part
    return bytes(data)
