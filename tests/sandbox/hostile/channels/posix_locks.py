# attack: locks on a file that everybody can read, found by F_GETLK
# wall: seccomp: locks are granted and not taken, and nobody can ask for them

import fcntl
import os
import struct

FILE = os.open("/usr/bin/env", os.O_RDONLY)


def put(n, bit):
    if bit:
        fcntl.fcntl(FILE, fcntl.F_SETLK, struct.pack("hhqqi4x", fcntl.F_RDLCK, 0, n, 1, 0))


def get(n):
    asked = struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, n, 1, 0)
    return int(struct.unpack("hhqqi4x", fcntl.fcntl(FILE, fcntl.F_GETLK, asked))[0] != fcntl.F_UNLCK)
