# attack: a grandchild in a session of its own, by libc's fork, outlives the answer
# wall: the end of the pid namespace

import ctypes, os, time
libc = ctypes.CDLL(None)
if libc.fork() == 0:
    os.setsid()
    if libc.fork() == 0:
        for descriptor in range(3):
            os.close(descriptor)
        time.sleep(600)
    os._exit(0)
time.sleep(0.05)
