# attack: byte-range locks on descriptor 0, read back from /proc/locks
# wall: seccomp: locks are granted and not taken; a /proc of processes only

import fcntl
import re
import struct

BASE = 1 << 50


def put(n, bit):
    if bit:
        fcntl.fcntl(0, 37, struct.pack("hhqqi4x", fcntl.F_RDLCK, 0, BASE + 2 * n, 1, 0))


def get(n):
    return int(bool(re.search(rf"READ.* {BASE + 2 * n} ", open("/proc/locks").read())))
