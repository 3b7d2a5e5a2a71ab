# attack: flags and signal of the open file behind descriptor 0, which samples inherit
# wall: kernel.py: every sample opens descriptors of its own
# lasts: yes
# bits: 8

import fcntl
import os

FLAGS = os.O_NONBLOCK, os.O_APPEND


def send(bits):
    flags = fcntl.fcntl(0, fcntl.F_GETFL)
    for bit, flag in zip(bits, FLAGS):
        flags = flags | flag if bit else flags & ~flag
    fcntl.fcntl(0, fcntl.F_SETFL, flags)
    fcntl.fcntl(0, 10, sum(bit << n for n, bit in enumerate(bits[2:])))


def receive(count):
    flags, signal = fcntl.fcntl(0, fcntl.F_GETFL), fcntl.fcntl(0, 11)
    return [int(bool(flags & flag)) for flag in FLAGS] + [signal >> n & 1 for n in range(count - 2)]
