"""Pipes for split candidates, which run without their tests.

The kernel numbers the pipes and sockets of the whole machine in one row, and whoever makes one sees how many others
were made since. So `split_filter` has no call for them. A pipe that is made as a named one, in a work folder that is
nobody else's, gets its number from that folder. Python's own pipes are made so in such a candidate: programs that
it starts, asyncio and queues work.
"""

import os
import sys
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

from sandbox.walls.filesystem import WORK_FOLDER

_mkfifo, _open, _unlink, _urandom, _set_blocking = os.mkfifo, os.open, os.unlink, os.urandom, os.set_blocking


def use_split_pipes() -> None:
    """In the zygote of a split server: has Python make its pipes as named ones from here on."""
    os.pipe = split_pipe
    os.pipe2 = _split_pipe2
    sys.meta_path.insert(0, _SocketFinder())


def split_pipe(path: str = "", *, reader_blocks: bool = True, writer_blocks: bool = True) -> tuple[int, int]:
    """As `os.pipe`: the reading and the writing end of a pipe that is numbered in its folder's file system.

    `path` is where it lies for a moment; by default under a name of its own in the work folder.
    """
    path = path or f"{WORK_FOLDER}/.{_urandom(8).hex()}"
    _mkfifo(path, 0o600)
    try:
        reader = _open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # blocking, it would wait for a writer
        writer = _open(path, os.O_WRONLY | os.O_CLOEXEC | (0 if writer_blocks else os.O_NONBLOCK))
    finally:
        _unlink(path)
    if reader_blocks:
        _set_blocking(reader, True)
    return reader, writer


def _split_pipe2(flags: int, /) -> tuple[int, int]:
    ends = split_pipe()
    for end in ends:
        _set_blocking(end, not flags & os.O_NONBLOCK)
        os.set_inheritable(end, not flags & os.O_CLOEXEC)
    return ends


def _split_socketpair(*_: int) -> "tuple[_End, _End]":
    """What asyncio needs of `socket.socketpair`: the first reads what the second writes."""
    reader, writer = split_pipe()
    return _End(reader), _End(writer)


class _SocketFinder:
    """Gives the socket module its `socketpair` as it is imported: few candidates do, and all would pay for it."""

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        if name != "socket":
            return None
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(name)
        assert spec
        assert spec.loader
        execute = spec.loader.exec_module

        def execute_and_change(module: ModuleType) -> None:
            execute(module)
            module.socketpair = _split_socketpair  # pyright: ignore[reportAttributeAccessIssue]

        spec.loader.exec_module = execute_and_change
        return spec


class _End:
    """One end of a pipe, with the methods of a socket."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def fileno(self) -> int:
        return self._descriptor

    def setblocking(self, flag: bool, /) -> None:
        _set_blocking(self._descriptor, flag)

    def recv(self, size: int, _flags: int = 0, /) -> bytes:
        return os.read(self._descriptor, size)

    def send(self, data: Any, _flags: int = 0, /) -> int:
        return os.write(self._descriptor, data)

    def detach(self) -> int:
        descriptor, self._descriptor = self._descriptor, -1
        return descriptor

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self.detach())

    def __del__(self) -> None:
        self.close()
