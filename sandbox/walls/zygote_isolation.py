"""How a zygote isolates the samples that it forks: what they share, and what each puts up for itself.

They share one view of the file system, in which none can mount anything and the work folder is renewed when one has
touched it. Its /proc is that of a process namespace in which there is nobody but the zygote, which it hides, and its
samples. Each of these has a process namespace of its own below that, which ends with it, and puts up the same walls as
a stage (`isolation_calls`).
"""

import os
from collections.abc import Callable
from typing import Protocol

from sandbox.walls.filesystem import enter_detached_root_calls, hide_proc, leave_code, mount_hiding_proc
from sandbox.walls.isolation import Isolation, SampleLimits, harden_server, isolation_calls
from sandbox.walls.namespaces import ChildNamespaces, ProcessNumbers
from sandbox.walls.seccomp import sample_filter
from sandbox.walls.split_filter import split_filter
from sandbox.walls.split_pipes import use_split_pipes
from sandbox.walls.syscalls import (
    CLONE_NEWNS,
    be_first_out_of_memory,
    filter_call,
    forbid_inspection,
    own_standard_streams_calls,
    perform,
    unshare,
)
from sandbox.walls.work_folder import WorkFolder

Entry = Callable[[], None]
"""What a sample does first: isolates itself for good. Raises OSError when a wall cannot be put up."""


class ZygoteIsolation(Isolation, Protocol):
    """How a zygote isolates its samples. All happens in the zygote, except for an `Entry`, which its child calls."""

    def move_in(self) -> None:
        """Once, before any fork. Raises OSError."""
        ...

    def seal(self) -> None:
        """Last, right before the first fork: walls that are the zygote's and its samples' alike. Raises OSError."""
        ...

    def entry(self, limits: SampleLimits) -> Entry:
        """Made ready for any number of samples with these limits."""
        ...


class WalledZygote:
    """Behind a server's walls. The server has put the zygote into the samples' control group."""

    def __init__(self, *, memory_held: bool, split: bool) -> None:
        """`memory_held` says whether that group holds the memory limit; otherwise rlimits have to.

        `split` is for candidates without their tests, which could gain from what others have left somewhere.
        """
        self._memory_held = memory_held
        self._split = split
        self._work_folder = WorkFolder(programs=not split)
        self._filter = filter_call(sample_filter(split=split))
        self._writable_proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._children = ChildNamespaces()
        self._numbers = ProcessNumbers(self._writable_proc)

    def move_in(self) -> None:
        harden_server()
        forbid_inspection()  # /proc then hides us
        unshare(CLONE_NEWNS)
        leave_code()
        if self._split:
            hide_proc()
        else:
            mount_hiding_proc()

    def seal(self) -> None:
        if self._split:
            use_split_pipes()
            perform([filter_call(split_filter())])

    def entry(self, limits: SampleLimits) -> Entry:
        proc = self._writable_proc
        view = [*enter_detached_root_calls(self._work_folder.root), *own_standard_streams_calls()]
        calls = isolation_calls(view, limits, memory_held=self._memory_held, sample_filter=self._filter)

        def enter() -> None:
            be_first_out_of_memory(proc)
            perform(calls)

        return enter

    def before_fork(self, disk_mb: int) -> None:
        self._work_folder.provide(disk_mb)
        self._numbers.start_again()
        self._children.before_fork()

    def after_fork(self) -> None:
        self._children.after_fork()

    def clean_up(self) -> None:
        """The processes ended with their namespace's first, says the kernel."""
        self._work_folder.clean_up()
