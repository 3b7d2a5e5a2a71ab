# attack: how many signals all users together may have waiting
# wall: process.py: every sample may have a few
# slot: 0.05
# bits: 33

import ctypes
import os
import resource
import signal

most = min(resource.getrlimit(resource.RLIMIT_SIGPENDING)[1], 500)
resource.setrlimit(resource.RLIMIT_SIGPENDING, (most, most))
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGRTMIN})
libc = ctypes.CDLL(None)


def queue():
    return libc.sigqueue(os.getpid(), signal.SIGRTMIN, None)


def put(n, bit):
    while bit and not queue():
        pass
    while not bit and signal.sigtimedwait({signal.SIGRTMIN}, 0):
        pass


def get(n):
    failed = queue()
    signal.sigtimedwait({signal.SIGRTMIN}, 0)
    return int(bool(failed))
