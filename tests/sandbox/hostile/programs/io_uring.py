# attack: opens files and sockets behind seccomp's back
# wall: seccomp refuses io_uring

import ctypes
libc = ctypes.CDLL(None, use_errno=True)
for number in (425, 426, 427):
    assert libc.syscall(number, 8, ctypes.create_string_buffer(256), 0, 0, 0) == -1
    assert ctypes.get_errno() == 1
