# attack: whole-file locks on a file that everybody can read
# wall: seccomp: locks are granted and not taken

import fcntl
import os

FILE = os.open("/usr/bin/env", os.O_RDONLY)


def put(n, bit):
    fcntl.flock(FILE, fcntl.LOCK_EX if bit else fcntl.LOCK_UN)


def get(n):
    try:
        fcntl.flock(FILE, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return 1
    fcntl.flock(FILE, fcntl.LOCK_UN)
    return 0
