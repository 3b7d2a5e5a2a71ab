"""The walls that a sample puts up around itself between fork and its first line."""

import os
import resource
from dataclasses import dataclass

from sandbox.cgroups import Group
from sandbox.filesystem import mount_proc, mount_work_folder
from sandbox.kernel import (
    CLONE_NEWNS,
    drop_capabilities,
    forbid_new_privileges,
    install_filter,
    last_capability,
    unshare,
)
from sandbox.program import Limits
from sandbox.seccomp import build_filter

_OPEN_FILES = 256
_INTERPRETER_MB = 256
"""Address space that an interpreter maps before its program allocates anything."""


@dataclass(frozen=True, slots=True)
class Walls:
    """What can be built once, before the first fork."""

    group: Group
    filter: bytes
    last_capability: int


def prepare_walls(group: Group) -> Walls:
    """Builds the parts that every sample shares."""
    return Walls(group, build_filter(), last_capability())


def enter_walls(walls: Walls, limits: Limits) -> None:
    """Isolates the calling process for good. Raises OSError when a wall cannot be put up."""
    walls.group.join()
    os.setsid()
    unshare(CLONE_NEWNS)
    mount_work_folder(limits.disk_mb)
    mount_proc()
    limit_resources(limits, memory_held=walls.group.limits_memory)
    drop_capabilities(walls.last_capability)
    forbid_new_privileges()
    install_filter(walls.filter)


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
