"""The tier without walls; apart from them, because every sample of a walled server would carry what it imports."""

import contextlib
import os
import shutil
import signal
import tempfile
from functools import partial

from sandbox.cgroups import Group
from sandbox.cradle import Entry
from sandbox.kernel import adopt_orphans, perform
from sandbox.process import limit_calls
from sandbox.process_table import processes_below
from sandbox.program import Limits


class NoWalls:
    """The tier "none": a folder, rlimits and a sweep afterwards. Stops accidents, not intent. For zygotes, too."""

    def __init__(self, group: Group, spared: set[int]) -> None:
        self.group = group
        self._folder = ""
        self._spared = spared  # processes below us that are no sample's: a resident compiler
        adopt_orphans()

    def before_start(self) -> None:
        """There is nothing to leave."""

    def after_start(self) -> None:
        """Nor to come back to."""

    def move_in(self) -> None:
        self.group.adopt()
        adopt_orphans()

    def entry(self, limits: Limits) -> Entry:
        return partial(self.enter, limits)

    def before_fork(self, disk_mb: int = 0) -> None:  # noqa: ARG002
        self._folder = tempfile.mkdtemp(prefix="wavebench-")

    def after_fork(self) -> None:
        """Nothing to undo."""

    def enter(self, limits: Limits, *, address_space: bool = True, seal: str = "") -> None:
        self.group.join()
        os.setsid()
        os.chdir(self._folder)
        if seal:
            os.chmod(seal, 0o555)
        perform(limit_calls(limits, memory_held=self.group.limits_memory or not address_space))

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
        with contextlib.suppress(FileNotFoundError):  # nothing stops a program from removing it
            os.chmod(folder, 0o755)
        shutil.rmtree(folder, ignore_errors=True)
