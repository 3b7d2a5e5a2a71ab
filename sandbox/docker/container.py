"""The tier "docker": one hardened container for all servers of a sandbox, each sample walled in as without it.

The container's init (`sandbox.docker.init`) forks a fork server per request. Sockets and programs pass between host and
servers as descriptors over a local socket, so everything else is as in the tier "namespaces". What this tier adds is a
second wall around all of them: no capability even for a server, an empty network, a root of our own image.
When the host process dies, its connection closes, the container init ends, and the engine removes the container.
"""

import os
import select
import shutil
import signal
import socket
import struct
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sandbox.docker.engine import Engine
from sandbox.docker.init import CODE, SHARED, SOCKET, pack_groups
from sandbox.docker.profile import hardening, unmasked_proc
from sandbox.errors import SandboxError
from sandbox.fork_server import GROUP_PURPOSES
from sandbox.outcome import Tier
from sandbox.pool.host import SERVER_ENVIRONMENT, ServerProcess
from sandbox.walls.cgroups import Group, make_group, sweep_dead_groups
from sandbox.wire.frames import Role, read_frame, receive_with_descriptors, send_with_descriptors

_START = f"import sys; sys.path.insert(0, {CODE!r}); from sandbox.docker.init import main; main()"
_UNUSED_ID = 100000
"""The user of a container that root starts; no account has it."""

_CREDENTIALS = struct.Struct("3i")
"""Pid, uid and gid of whoever is at the other end of a local socket."""

_STARTING_SECONDS = 60.0
_LOOKING_SECONDS = 0.5
_CLOSING_SECONDS = 10.0


class Container:
    """A `Host` in a container of its own."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._engine = Engine()
        self._image = self._engine.image()
        self._groups_made = 0
        self._group_folders: list[int] = []
        self._launch()

    @property
    def tier(self) -> Tier:
        return Tier.DOCKER

    def start(self, role: Role, processor: int | None) -> tuple[socket.socket, ServerProcess]:
        try:
            return self._start_server(role, processor)
        except OSError:  # somebody ended the container; the programs that were in it run again
            self.close()
            self._launch()
        try:
            return self._start_server(role, processor)
        except OSError as error:
            raise SandboxError(f"The sandbox container ends as soon as it is used ({error}).") from error

    def facts(self) -> Mapping[str, str]:
        return {**self._facts, "engine": self._engine.version, "image": self._image}

    def close(self) -> None:
        """The container init sees its connection close and ends; returns once the engine has removed the container."""
        self._init.close()
        _close(self._group_folders)
        self._group_folders = []
        self._engine.wait_until_removed(self._id, _CLOSING_SECONDS)
        self._engine.hang_up()

    def _launch(self) -> None:
        machine_memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        # Whoever we are, so that we may end our servers; for root, nobody.
        user, group = (os.geteuid(), os.getegid()) if os.geteuid() else (_UNUSED_ID, _UNUSED_ID)
        with _shared_folder() as (folder, listener):
            self._id = self._engine.start(
                self._image,
                command=["python3", "-s", "-S", "-P", "-c", _START],
                environment=SERVER_ENVIRONMENT,
                user=f"{user}:{group}",
                folders={str(folder): SHARED},
                limits=hardening(self._workers, machine_memory),
                more_limits=unmasked_proc(),
            )
            try:
                self._init = self._await_init(listener)
                facts = read_frame(self._init.fileno())
                if facts is None:
                    raise SandboxError(f"The sandbox container ended at once: {self._engine.last_words()}")
            except BaseException:
                self._engine.remove(self._id)
                raise
            finally:
                self._engine.stop_listening()
        self._facts: dict[str, str] = facts
        # The container init as our own /proc numbers it; 0 where it lies outside of what we see.
        credentials = self._init.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        self._pid = _CREDENTIALS.unpack(credentials)[0]
        if self._pid:
            sweep_dead_groups(self._pid)

    def _await_init(self, listener: socket.socket) -> socket.socket:
        """The connection to the container init."""
        deadline = time.monotonic() + _STARTING_SECONDS
        while not _readable(listener, _LOOKING_SECONDS):
            if not self._engine.is_running(self._id):
                raise SandboxError(f"The sandbox container ended at once: {self._engine.last_words()}")
            if time.monotonic() > deadline:
                raise SandboxError(
                    "The sandbox container runs but does not reach wavebench's socket; the engine at "
                    f"{self._engine.address!r} must run on this machine and see its folder {tempfile.gettempdir()!r}."
                )
        return listener.accept()[0]

    def _start_server(self, role: Role, processor: int | None) -> tuple[socket.socket, ServerProcess]:
        groups = self._make_groups()
        wires, descriptors = pack_groups(groups)
        host_end, server_end = socket.socketpair()
        try:
            asked = {"role": role, "processor": processor, "groups": wires}
            send_with_descriptors(self._init, asked, [server_end.fileno(), *descriptors])
        finally:
            server_end.close()
            _close(descriptors)
        arrived = receive_with_descriptors(self._init, 1)
        if arrived is None:
            raise ConnectionResetError("the container ended")
        return host_end, _Forked(arrived[1], groups)

    def _make_groups(self) -> list[Group]:
        """Control groups inside the container's, where we may make such; the descriptors travel to the server."""
        if not self._pid:
            return [Group(), *(Group() for _ in GROUP_PURPOSES)]
        self._groups_made += 1
        name = str(self._groups_made)
        purposes = (f"{name}-{purpose}" for purpose in GROUP_PURPOSES)
        groups = [make_group(each, self._pid) for each in (name, *purposes)]
        for group in groups:  # all lie in the same folders: many workers would run out of descriptors
            if self._group_folders:
                _close(group.parent_descriptors)
            else:
                self._group_folders = group.parent_descriptors
            group.parent_descriptors = self._group_folders
        return groups


class _Forked:
    """A server that the container init forked."""

    def __init__(self, pidfds: list[int], groups: list[Group]) -> None:
        self._pidfds = pidfds
        self._groups = groups

    def end(self) -> None:
        for pidfd in self._pidfds:
            if not _readable(pidfd, _CLOSING_SECONDS):
                with suppress(OSError):  # another user's process is left to the container's end
                    signal.pidfd_send_signal(pidfd, signal.SIGKILL)
                    _readable(pidfd, _CLOSING_SECONDS)
            os.close(pidfd)
        self._pidfds = []
        for group in self._groups:
            group.remove()
        self._groups = []


@contextmanager
def _shared_folder() -> Generator[tuple[Path, socket.socket]]:
    """The folder that the container is shown while it starts: a copy of our code, and a socket that listens.

    Others on this machine cannot enter the folder around it, whatever the modes inside must allow the container.
    """
    with tempfile.TemporaryDirectory(prefix="wavebench-") as outer, socket.socket(socket.AF_UNIX) as listener:
        shared = Path(outer, "shared")
        _copy_code(shared / Path(CODE).relative_to(SHARED))
        folder = os.open(shared, os.O_RDONLY | os.O_DIRECTORY)
        try:
            name = Path(SOCKET).name
            listener.bind(f"/proc/self/fd/{folder}/{name}")  # a path of its own might be too long for an address
            (shared / name).chmod(0o666)
        finally:
            os.close(folder)
        listener.listen(1)
        yield shared, listener


def _copy_code(target: Path) -> None:
    """Copied, so that the container's user can read it whatever its modes are, and no edit meets a running sandbox."""
    room = Path(__file__).parents[1]
    shutil.copytree(room, target / room.name)
    for path in (target.parent, target, *target.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _close(descriptors: list[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


def _readable(descriptor: Any, seconds: float) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(seconds * 1000))
