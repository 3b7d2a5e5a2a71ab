"""The walls that a sample puts up around itself between fork and its first line."""

import contextlib
import os
import resource
import shutil
import signal
import tempfile
from typing import Protocol

from sandbox.cgroups import Group
from sandbox.filesystem import (
    BUILD_FOLDER,
    mount_build_folder,
    mount_proc,
    mount_work_folder,
    unmount_build_folder,
)
from sandbox.kernel import (
    CLONE_NEWNS,
    CLONE_NEWPID,
    adopt_orphans,
    bind_read_only,
    drop_capabilities,
    forbid_new_privileges,
    install_filter,
    last_capability,
    setns,
    unshare,
)
from sandbox.process_table import processes_below
from sandbox.program import Limits
from sandbox.seccomp import build_filter

_OPEN_FILES = 256
_INTERPRETER_MB = 256
"""Address space that an interpreter maps before its program allocates anything."""


class Isolation(Protocol):
    """How a fork server sets one sample apart."""

    group: Group

    def before_fork(self) -> None:
        """In the server, right before the fork."""
        ...

    def after_fork(self) -> None:
        """In the server, right after it."""
        ...

    def enter(self, limits: Limits, *, address_space: bool = True, seal: str = "") -> None:
        """In the child: isolates it for good. Raises OSError when a wall cannot be put up.

        `address_space` says whether an rlimit may hold the memory where no control group does; `seal` is a build
        folder that is read-only from here on.
        """
        ...

    def clean_up(self) -> None:
        """In the server, once the sample has ended: nothing that it started or wrote remains."""
        ...

    def open_build(self, disk_mb: int) -> str:
        """In the server: an empty folder for a compiler's work, which outlives the compiler."""
        ...

    def close_build(self, folder: str) -> None:
        """In the server: that folder is gone."""
        ...


class Walls:
    """Own pid and mount namespace, private tmpfs, no capabilities, seccomp, limits: gone as pid 1 ends."""

    def __init__(self, group: Group) -> None:
        self.group = group
        self._filter = build_filter()
        self._last_capability = last_capability()
        self._own_pid_namespace = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)

    def before_fork(self) -> None:
        unshare(CLONE_NEWPID)

    def after_fork(self) -> None:
        setns(self._own_pid_namespace, CLONE_NEWPID)  # else the next unshare is refused

    def enter(self, limits: Limits, *, address_space: bool = True, seal: str = "") -> None:
        self.group.join()
        os.setsid()
        unshare(CLONE_NEWNS)
        mount_work_folder(limits.disk_mb)
        mount_proc(read_only=True)
        if seal:
            bind_read_only(seal)
        limit_resources(limits, memory_held=self.group.limits_memory or not address_space)
        drop_capabilities(self._last_capability)
        forbid_new_privileges()
        install_filter(self._filter)

    def clean_up(self) -> None:
        """The kernel has done it: the namespaces ended with their pid 1."""

    def open_build(self, disk_mb: int) -> str:
        mount_build_folder(disk_mb)
        return BUILD_FOLDER

    def close_build(self, folder: str) -> None:
        assert folder == BUILD_FOLDER
        unmount_build_folder()


class NoWalls:
    """The tier "none": a folder, rlimits and a sweep afterwards. Stops accidents, not intent."""

    def __init__(self, group: Group, spared: set[int]) -> None:
        self.group = group
        self._folder = ""
        self._spared = spared  # processes below us that are no sample's: a resident compiler
        adopt_orphans()

    def before_fork(self) -> None:
        self._folder = tempfile.mkdtemp(prefix="wavebench-")

    def after_fork(self) -> None:
        """Nothing to undo."""

    def enter(self, limits: Limits, *, address_space: bool = True, seal: str = "") -> None:
        self.group.join()
        os.setsid()
        os.chdir(self._folder)
        if seal:
            os.chmod(seal, 0o555)
        limit_resources(limits, memory_held=self.group.limits_memory or not address_space)

    def clean_up(self) -> None:
        while orphans := processes_below(os.getpid()) - {os.getpid()} - self._spared:
            for orphan in orphans:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(orphan, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(-1, 0)
        shutil.rmtree(self._folder, ignore_errors=True)

    def open_build(self, disk_mb: int) -> str:  # noqa: ARG002
        return tempfile.mkdtemp(prefix="wavebench-build-")

    def close_build(self, folder: str) -> None:
        os.chmod(folder, 0o755)
        shutil.rmtree(folder, ignore_errors=True)


def limit_resources(limits: Limits, *, memory_held: bool) -> None:
    """Sets the rlimits. Address space is limited only where no control group holds the memory."""
    cpu_seconds = (
        int(limits.cpu_seconds) + 2
    )  # the exact limit is the supervisor's; this one outlives a dead supervisor
    _limit(resource.RLIMIT_CPU, cpu_seconds)
    _limit(resource.RLIMIT_FSIZE, limits.disk_mb << 20)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _limit(resource.RLIMIT_NPROC, limits.processes)
    _limit(resource.RLIMIT_MSGQUEUE, 0)
    if not memory_held:
        _limit(resource.RLIMIT_AS, (limits.memory_mb + _INTERPRETER_MB) << 20)


def _limit(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(kind, (value, value))
