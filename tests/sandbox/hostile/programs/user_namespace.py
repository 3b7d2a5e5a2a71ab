# attack: makes itself root of a new user namespace
# wall: seccomp looks at the flags of unshare, clone and clone3

import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
assert libc.unshare(0x10000000) == -1 and ctypes.get_errno() == errno.EPERM
assert libc.setns(0, 0) == -1 and ctypes.get_errno() == errno.EPERM
assert libc.syscall(435, ctypes.create_string_buffer(88), 88) == -1 and ctypes.get_errno() == errno.ENOSYS
