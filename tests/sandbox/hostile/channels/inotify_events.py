# attack: who opens which file of a folder that all can read, told by inotify
# wall: seccomp: inotify; a root of its own

import ctypes
import os

libc = ctypes.CDLL(None)
watch = None


def put(n, bit):
    if bit:
        os.close(os.open("/usr/bin/env", os.O_RDONLY))


def get(n):
    global watch
    if watch is None:
        watch = libc.inotify_init1(os.O_NONBLOCK)
        libc.inotify_add_watch(watch, b"/usr/bin/env", 0x20)
        return 0
    try:
        return int(bool(os.read(watch, 4096)))
    except BlockingIOError:
        return 0
