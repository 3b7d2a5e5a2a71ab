"""The work folder that a zygote's samples have one after another, each as if it were new.

To mount a new one for each sample takes a mount namespace for each, and half a millisecond of two processors. So one
serves until a sample has left the least trace in it, which the kernel tells: the folder itself must be as it was, to
the nanosecond of its times, no block and no file more may be in use, and the next file must get the number that follows
on the last one. Whoever writes a file pays for the next mount.
"""

import ctypes
import os

from sandbox.walls.filesystem import WORK_FOLDER, detach_root, mount_work_folder
from sandbox.walls.mounts import unmount_detached
from sandbox.walls.syscalls import FOLDER_STATE_BYTES, folder_state_calls, perform


class WorkFolder:
    """Mounted in the calling process's mount namespace, and its current folder.

    `programs` says whether those that a sample leaves in it can be executed.
    """

    def __init__(self, *, programs: bool = True) -> None:
        self._programs = programs
        self._disk_mb = 0
        self._descriptor = -1
        self._state = ctypes.create_string_buffer(FOLDER_STATE_BYTES)
        self._look = folder_state_calls(-1, self._state)
        self._untouched = b""
        self._number = 0
        self.root = os.open("/", os.O_PATH | os.O_CLOEXEC)
        """Descriptor of a detached root with the folder in it, for `enter_detached_root_calls`. Always the same one."""

    def provide(self, disk_mb: int) -> None:
        """An empty folder of that size. Raises OSError."""
        if disk_mb != self._disk_mb:
            self._renew(disk_mb)

    def clean_up(self) -> None:
        """Once everything that could reach it is dead: forgets what was left there. Raises OSError."""
        perform(self._look)
        self._number += 1
        if self._state.raw != self._untouched or _next_number() != self._number:
            self._renew(self._disk_mb)

    def _renew(self, disk_mb: int) -> None:
        os.chdir("/")
        if self._descriptor >= 0:
            os.close(self._descriptor)
            unmount_detached(WORK_FOLDER)
        mount_work_folder(disk_mb, programs=self._programs)
        os.chdir(WORK_FOLDER)
        self._disk_mb = disk_mb
        self._descriptor = os.open(WORK_FOLDER, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._number = _next_number()
        self._look = folder_state_calls(self._descriptor, self._state)
        perform(self._look)
        self._untouched = self._state.raw
        root = detach_root()
        os.dup2(root, self.root, inheritable=False)
        os.close(root)


def _next_number() -> int:
    """The inode number of a file that is made in the folder and never gets a name. The next one's is one higher."""
    descriptor = os.open(WORK_FOLDER, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC)
    try:
        return os.fstat(descriptor).st_ino
    finally:
        os.close(descriptor)
