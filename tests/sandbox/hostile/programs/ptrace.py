# attack: traces, and reads and writes other processes' memory
# wall: seccomp

import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
child = os.fork()
if child == 0:
    os.pause() if hasattr(os, "pause") else __import__("time").sleep(5)
assert libc.ptrace(16, child, 0, 0) == -1 and ctypes.get_errno() == 1
assert libc.process_vm_readv(child, 0, 0, 0, 0, 0) == -1 and ctypes.get_errno() == 1
assert libc.process_vm_writev(child, 0, 0, 0, 0, 0) == -1 and ctypes.get_errno() == 1
