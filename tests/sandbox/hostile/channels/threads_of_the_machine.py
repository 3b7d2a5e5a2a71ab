# attack: the number of all threads, in sysinfo
# wall: split_filter.py: sysinfo
# slot: 0.1
# bits: 17

import ctypes
import os
import signal
import struct

libc = ctypes.CDLL(None)
children = []


def put(n, bit):
    while bit and len(children) < 25:
        child = os.fork()
        if not child:
            signal.pause()
        children.append(child)
    while not bit and children:
        os.kill(children[-1], 9)
        os.waitpid(children.pop(), 0)


counts = []


def get(n):
    about = ctypes.create_string_buffer(200)
    if libc.sysinfo(about):
        raise OSError
    counts.append(struct.unpack_from("H", about, 80)[0])
    return counts[-1]


def decide(found):
    return [int(each > (min(found) + max(found)) / 2) for each in found]
