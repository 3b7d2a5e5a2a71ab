# attack: waits at the same word of the C library, and how many a wake finds there
# wall: split_filter.py: futexes are private

import ctypes
import threading

libc = ctypes.CDLL(None)
word = ctypes.cast(libc.getpid, ctypes.c_void_p).value & ~4095


def at(n):
    return ctypes.c_void_p(word + 4 * n)


def put(n, bit):
    def wait():
        for _ in range(400):
            libc.syscall(202, at(n), 0, ctypes.c_uint.from_address(at(n).value), struct_timespec, None, 0)

    if bit:
        threading.Thread(target=wait, daemon=True).start()


struct_timespec = (ctypes.c_long * 2)(0, 200_000_000)


def get(n):
    woken = libc.syscall(202, at(n), 1, 1, None, None, 0)
    return int(woken > 0)
