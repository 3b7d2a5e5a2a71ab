"""The work folder that a zygote's samples have one after another, each as if it were new.

To mount a new one for each sample takes a mount namespace for each, and half a millisecond of two processors. So one
serves until a sample has left the least trace in it, which the kernel tells: the folder itself must be as it was, to
the nanosecond of its times, and no block and no file more may be in use. Whoever writes a file pays for the next mount.
"""

import ctypes
import os

from sandbox.filesystem import WORK_FOLDER, mount_work_folder
from sandbox.kernel import FOLDER_STATE_BYTES, folder_state_calls, perform, unmount_detached


class WorkFolder:
    """Mounted in the calling process's mount namespace, and its current folder."""

    def __init__(self) -> None:
        self._disk_mb = 0
        self._descriptor = -1
        self._state = ctypes.create_string_buffer(FOLDER_STATE_BYTES)
        self._look = folder_state_calls(-1, self._state)
        self._untouched = b""

    def provide(self, disk_mb: int) -> None:
        """An empty folder of that size. Raises OSError."""
        if disk_mb != self._disk_mb:
            self._renew(disk_mb)

    def clean_up(self) -> None:
        """Once everything that could reach it is dead: forgets what was left there. Raises OSError."""
        perform(self._look)
        if self._state.raw != self._untouched:
            self._renew(self._disk_mb)

    def _renew(self, disk_mb: int) -> None:
        os.chdir("/")
        if self._descriptor >= 0:
            os.close(self._descriptor)
            unmount_detached(WORK_FOLDER)
        mount_work_folder(disk_mb)
        os.chdir(WORK_FOLDER)
        self._disk_mb = disk_mb
        self._descriptor = os.open(WORK_FOLDER, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._look = folder_state_calls(self._descriptor, self._state)
        perform(self._look)
        self._untouched = self._state.raw
