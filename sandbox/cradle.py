"""How a zygote sets apart the samples that it forks: what they share, and what each puts up for itself.

They share one view of the file system, in which none can mount anything and the work folder is renewed when one has
touched it. Its /proc is that of a process namespace in which there is nobody but the zygote, which it hides, and its
samples. Each of these has a process namespace of its own below that, which ends with it, and the walls of `Walls`.
"""

import os
from collections.abc import Callable
from typing import Protocol

from sandbox.cgroups import Group
from sandbox.filesystem import mount_hiding_proc
from sandbox.kernel import (
    CLONE_NEWNS,
    be_first_out_of_memory,
    drop_capabilities_call,
    filter_call,
    forbid_inspection,
    own_nothing_calls,
    own_session_call,
    perform,
    unshare,
)
from sandbox.namespaces import ChildNamespaces
from sandbox.process import limit_calls
from sandbox.program import Limits
from sandbox.seccomp import sample_filter
from sandbox.work_folder import WorkFolder

Entry = Callable[[], None]
"""What a sample does first: isolates itself for good. Raises OSError when a wall cannot be put up."""


class Cradle(Protocol):
    """Everything here happens in the zygote, except for its own start and for an `Entry`, which its child calls."""

    def before_start(self) -> None:
        """In the server, right before the zygote's fork."""
        ...

    def after_start(self) -> None:
        """In the server, right after it."""
        ...

    def move_in(self) -> None:
        """Once: what the zygote forks is born in the group, and never gets away from it."""
        ...

    def entry(self, limits: Limits) -> Entry:
        """Made ready for any number of samples with these limits."""
        ...

    def before_fork(self, disk_mb: int) -> None:
        """Right before the fork of a sample whose work folder may hold so much."""
        ...

    def after_fork(self) -> None:
        """Right after it."""
        ...

    def clean_up(self) -> None:
        """Once the sample has ended: nothing that it started or wrote remains."""
        ...


class WalledCradle:
    """Behind a fork server's walls."""

    def __init__(self, group: Group) -> None:
        self._group = group
        self._work_folder = WorkFolder()
        self._filter = filter_call(sample_filter())
        self._writable_proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._children = ChildNamespaces()

    def before_start(self) -> None:
        self._children.before_fork()

    def after_start(self) -> None:
        self._children.after_fork()

    def move_in(self) -> None:
        self._group.adopt()
        self._children = ChildNamespaces()
        forbid_inspection()  # /proc then hides us
        unshare(CLONE_NEWNS)
        mount_hiding_proc()

    def entry(self, limits: Limits) -> Entry:
        proc = self._writable_proc
        calls = [
            *own_nothing_calls(1, 2),
            own_session_call(),
            *limit_calls(limits, memory_held=self._group.limits_memory),
            drop_capabilities_call(),
            self._filter,
        ]

        def enter() -> None:
            be_first_out_of_memory(proc)
            perform(calls)

        return enter

    def before_fork(self, disk_mb: int) -> None:
        self._work_folder.provide(disk_mb)
        self._children.before_fork()

    def after_fork(self) -> None:
        self._children.after_fork()

    def clean_up(self) -> None:
        """The processes ended with their namespace's first, says the kernel."""
        self._work_folder.clean_up()
