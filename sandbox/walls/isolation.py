"""The walls that a sample puts up around itself between fork and its first line."""

import math
import os
import resource
from typing import TYPE_CHECKING, NamedTuple, Protocol

from sandbox.walls.filesystem import BUILD_FOLDER, mount_build_folder, private_view_calls, unmount_build_folder
from sandbox.walls.mounts import bind_read_only_call
from sandbox.walls.namespaces import ChildNamespaces
from sandbox.walls.seccomp import sample_filter, server_filter
from sandbox.walls.syscalls import (
    CLONE_NEWNS,
    Syscall,
    bar_capabilities,
    be_first_out_of_memory,
    drop_capabilities_call,
    filter_call,
    forbid_inspection,
    forbid_new_privileges,
    last_capability,
    limit_call,
    own_session_call,
    perform,
    unshare_call,
)

if TYPE_CHECKING:  # a zygote imports this module, and every sample pays for what its zygote holds
    from sandbox.program import Limits
    from sandbox.walls.cgroups import Group

_OPEN_FILES = 256
_CPU_GRACE_SECONDS = 10
_SIGNALS_WAITING = 128
"""Signals and timers that may wait. All servers of a user count against one number, of which this is a small part."""
_INTERPRETER_MB = 256
"""Address space that an interpreter maps before its program allocates anything."""


class SampleLimits(NamedTuple):
    """Those of `Limits` that a sample puts up itself."""

    cpu_seconds: float
    memory_mb: int
    processes: int
    disk_mb: int


class Isolation(Protocol):
    """What whoever forks a sample does around it: a fork server (StageIsolation) or a zygote (ZygoteIsolation)."""

    def before_fork(self, disk_mb: int) -> None:
        """Right before the fork of a sample whose work folder may hold so much. Raises OSError."""
        ...

    def after_fork(self) -> None:
        """Right after it, in the parent."""
        ...

    def clean_up(self) -> None:
        """Once the sample has ended: nothing that it started or wrote remains."""
        ...


class StageIsolation(Isolation, Protocol):
    """How a fork server isolates one stage of a program, and the compile server."""

    group: "Group"

    def enter(self, limits: "Limits", *, address_space: bool = True, seal: str = "") -> None:
        """In the child: isolates it for good. Raises OSError when a wall cannot be put up.

        `address_space` says whether an rlimit may hold the memory where no control group does; `seal` is a build
        folder that is read-only from here on.
        """
        ...

    def open_build(self, disk_mb: int) -> str:
        """In the server: an empty folder for a compiler's work, which outlives the compiler."""
        ...

    def close_build(self, folder: str) -> None:
        """In the server: that folder is gone."""
        ...


class WalledStages:
    """Own pid and mount namespace, private tmpfs, no capabilities, seccomp, limits: gone as pid 1 ends."""

    def __init__(self, group: "Group") -> None:
        self.group = group
        self._filter = filter_call(sample_filter())
        self._children = ChildNamespaces()
        self._proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def before_fork(self, disk_mb: int) -> None:  # noqa: ARG002 (the child mounts a folder of its own)
        self._children.before_fork()

    def after_fork(self) -> None:
        self._children.after_fork()

    def enter(self, limits: "Limits", *, address_space: bool = True, seal: str = "") -> None:
        self.group.join()  # first, so that all that it uses is charged to it
        be_first_out_of_memory(self._proc)
        forbid_inspection()
        view = [unshare_call(CLONE_NEWNS), *private_view_calls(limits.disk_mb)]
        if seal:
            view.append(bind_read_only_call(seal))
        memory_held = self.group.limits_memory or not address_space
        perform(isolation_calls(view, limits, memory_held=memory_held, sample_filter=self._filter))

    def clean_up(self) -> None:
        """The kernel has done it: the namespaces ended with their pid 1."""

    def open_build(self, disk_mb: int) -> str:
        mount_build_folder(disk_mb)
        return BUILD_FOLDER

    def close_build(self, folder: str) -> None:
        assert folder == BUILD_FOLDER
        unmount_build_folder()


def harden_server() -> None:
    """What holds for a fork server behind walls and so, from their birth on, for its samples."""
    resource.setrlimit(resource.RLIMIT_SIGPENDING, (_SIGNALS_WAITING, _SIGNALS_WAITING))
    bar_capabilities(last_capability())
    forbid_new_privileges()  # without it the kernel takes no filter from whoever lacks CAP_SYS_ADMIN
    perform([filter_call(server_filter())])


def isolation_calls(
    view: list[Syscall], limits: "SampleLimits | Limits", *, memory_held: bool, sample_filter: Syscall
) -> list[Syscall]:
    """What every walled sample does, in this order. `view` gives it its view of the file system.

    The filter comes last, as it refuses most of the calls before it, and capabilities go right before it, as the view
    needs them.
    """
    return [
        own_session_call(),
        *view,
        *limit_calls(limits, memory_held=memory_held),
        drop_capabilities_call(),
        sample_filter,
    ]


def limit_calls(limits: "SampleLimits | Limits", *, memory_held: bool) -> list[Syscall]:
    """The rlimits. Address space is limited only where no control group holds the memory.

    The CPU limit is the supervisor's to decide, for all processes together. The kernel counts each process alone, and
    only stops what outlives its supervisor: twice the limit and some seconds, so that it is never the first.
    """
    values = {
        resource.RLIMIT_CPU: 2 * math.ceil(limits.cpu_seconds) + _CPU_GRACE_SECONDS,
        resource.RLIMIT_FSIZE: limits.disk_mb << 20,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: _OPEN_FILES,
        resource.RLIMIT_NPROC: limits.processes,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    if not memory_held:
        values[resource.RLIMIT_AS] = (limits.memory_mb + _INTERPRETER_MB) << 20
    return [limit_call(kind, value) for kind, value in values.items()]
