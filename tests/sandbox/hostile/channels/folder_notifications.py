# attack: the same, told by a signal
# wall: seccomp: F_NOTIFY; a root of its own

import fcntl
import os
import signal

seen = []
folder = None


def put(n, bit):
    if bit:
        with open("/usr/bin/env", "rb", buffering=0) as file:
            file.read(1)


def get(n):
    global folder
    if folder is None:
        signal.signal(signal.SIGIO, lambda *_: seen.append(1))
        folder = os.open("/usr/bin", os.O_RDONLY)
        fcntl.fcntl(folder, 1026, 1 | 1 << 31)
        return 0
    got, seen[:] = int(bool(seen)), []
    return got
