# attack: mounts over files, by the old and the new calls
# wall: seccomp, and no capability

import ctypes
libc = ctypes.CDLL(None, use_errno=True)
assert libc.mount(b"tmpfs", b"/tmp", b"tmpfs", 0, None) == -1 and ctypes.get_errno() == 1
assert libc.umount2(b"/proc", 2) == -1 and ctypes.get_errno() == 1
assert libc.chroot(b"/tmp") == -1 and ctypes.get_errno() == 1
for number in (428, 429, 430, 431, 432, 433, 442):
    assert libc.syscall(number, 0, 0, 0, 0, 0) == -1 and ctypes.get_errno() == 1, number
