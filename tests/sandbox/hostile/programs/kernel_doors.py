# attack: bpf, perf events, userfaultfd, secret memory, modules, kexec, reboot
# wall: seccomp

import ctypes
libc = ctypes.CDLL(None, use_errno=True)
for number in (321, 298, 323, 447, 175, 313, 246, 320, 169, 438, 440, 312, 135, 304):
    assert libc.syscall(number, 0, 0, 0, 0, 0) == -1 and ctypes.get_errno() == 1, number
