"""The tier without walls: a folder, rlimits and a sweep afterwards. Stops accidents, not intent.

In a file of its own, because every sample of a walled zygote would carry what it imports.
"""

import contextlib
import os
import shutil
import signal
import tempfile

from sandbox.program import Limits
from sandbox.walls.cgroups import Group
from sandbox.walls.isolation import SampleLimits, limit_calls
from sandbox.walls.process_table import processes_below
from sandbox.walls.syscalls import adopt_orphans, own_standard_streams_calls, perform
from sandbox.walls.zygote_isolation import Entry


class _Folders:
    """A folder for each sample, and an end to whatever it leaves running."""

    def __init__(self, protected_pids: set[int]) -> None:
        """`protected_pids` are processes below us that are no sample's."""
        self.current = ""
        self._protected_pids = protected_pids
        adopt_orphans()

    def open(self) -> None:
        """For the next sample."""
        self.current = tempfile.mkdtemp(prefix="wavebench-")

    def clean_up(self) -> None:
        """Once it has ended."""
        while orphans := processes_below(os.getpid()) - {os.getpid()} - self._protected():
            for orphan in orphans:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(orphan, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(-1, 0)
        shutil.rmtree(self.current, ignore_errors=True)

    def _protected(self) -> set[int]:
        """The home of testers has children of its own."""
        return {below for pid in self._protected_pids for below in processes_below(pid)}


class UnwalledStages:
    """The `StageIsolation`."""

    def __init__(self, group: Group, protected_pids: set[int]) -> None:
        self.group = group
        self._folders = _Folders(protected_pids)

    def before_fork(self, disk_mb: int) -> None:  # noqa: ARG002
        self._folders.open()

    def after_fork(self) -> None:
        """Nothing to undo."""

    def enter(self, limits: Limits, *, address_space: bool = True, seal: str = "") -> None:
        self.group.join()
        os.setsid()
        os.chdir(self._folders.current)
        if seal:
            os.chmod(seal, 0o555)
        perform(limit_calls(limits, memory_held=self.group.limits_memory or not address_space))

    def clean_up(self) -> None:
        self._folders.clean_up()

    def open_build(self, disk_mb: int) -> str:  # noqa: ARG002
        return tempfile.mkdtemp(prefix="wavebench-build-")

    def close_build(self, folder: str) -> None:
        with contextlib.suppress(FileNotFoundError):  # nothing stops a program from removing it
            os.chmod(folder, 0o755)
        shutil.rmtree(folder, ignore_errors=True)


class UnwalledZygote:
    """The `ZygoteIsolation`."""

    def __init__(self, *, memory_held: bool) -> None:
        self._memory_held = memory_held
        self._folders = _Folders(set())

    def move_in(self) -> None:
        """There is nowhere to go."""

    def seal(self) -> None:
        """There is no wall left."""

    def entry(self, limits: SampleLimits) -> Entry:
        def enter() -> None:
            os.setsid()
            os.chdir(self._folders.current)
            perform([*own_standard_streams_calls(), *limit_calls(limits, memory_held=self._memory_held)])

        return enter

    def before_fork(self, disk_mb: int) -> None:  # noqa: ARG002
        self._folders.open()

    def after_fork(self) -> None:
        """Nothing to undo."""

    def clean_up(self) -> None:
        self._folders.clean_up()
