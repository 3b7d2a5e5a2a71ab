# attack: leaves something in kernel keyrings, message queues, shared memory or semaphores for the next sample
# wall: seccomp

import ctypes
libc = ctypes.CDLL(None, use_errno=True)
for number in (248, 249, 250, 29, 64, 68, 240):
    assert libc.syscall(number, b"user", b"x", b"x", 1, -3) == -1 and ctypes.get_errno() == 1, number
