# attack: times of the machine's device files, which everybody may set to now
# wall: filesystem: devices are mounted read-only
# lasts: yes
# bits: 5

import os
import time

DEVICES = "null", "zero", "full", "random", "urandom"


def send(bits):
    for device, bit in zip(DEVICES, bits):
        if bit:
            os.utime(f"/dev/{device}")


def receive(count):
    got = [int(time.time() - os.stat(f"/dev/{device}").st_mtime < 20) for device in DEVICES[:count]]
    if os.access("/dev/null", os.W_OK) and not os.path.exists("/packages"):  # without walls: as it was before
        for device in DEVICES:
            os.utime(f"/dev/{device}", (0, 0))
    return got
