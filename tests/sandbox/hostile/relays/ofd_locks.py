# attack: byte-range locks on descriptor 0, which samples inherit, read back from /proc/locks
# wall: seccomp: locks are granted and not taken; kernel.py: descriptors of its own; a /proc of processes only

import fcntl
import re
import struct

BASE = 1 << 62 | int(KEY, 16) << 12


def send(bits):
    for n, bit in enumerate(bits):
        if bit:
            fcntl.fcntl(0, 37, struct.pack("hhqqi4x", fcntl.F_RDLCK, 0, BASE + 2 * n, 1, 0))


def receive(count):
    with open("/proc/locks") as file:
        locked = {int(begin) - BASE for begin in re.findall(r"READ.* (\d+) \d+", file.read())}
    return [int(2 * n in locked) for n in range(count)]
