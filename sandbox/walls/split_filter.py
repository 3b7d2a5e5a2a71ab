"""The system-call wall of split candidates, which run without their tests: an allow-list, on top of seccomp.py's.

Only such a candidate could gain from what a program that has seen its tests left somewhere, so it gets no call whose
answer depends on anybody else. What is not on the list does not exist (ENOSYS), and programs fall back as on an old
kernel. Threads, programs that it starts, asyncio and files in the work folder go on working.
"""

import errno
from collections.abc import Iterable

from sandbox.walls.bpf import (
    ALLOW,
    ERRNO,
    FIRST_ARGUMENT,
    FOURTH_ARGUMENT,
    GRANTED,
    JUMP_ANY_BIT,
    LOAD,
    NOT_PERMITTED,
    NUMBER,
    RETURN,
    SECOND_ARGUMENT,
    THIRD_ARGUMENT,
    answer,
    for_call,
    jump,
    only,
    statement,
    unless_any_bit,
)
from sandbox.walls.syscalls import machine

_ALLOWED = {
    "x86_64": {
        "read": 0, "write": 1, "open": 2, "close": 3, "stat": 4, "fstat": 5, "lstat": 6, "poll": 7, "lseek": 8,
        "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15, "pread64": 17,
        "pwrite64": 18, "readv": 19, "writev": 20, "access": 21, "select": 23, "sched_yield": 24, "mremap": 25,
        "msync": 26, "madvise": 28, "dup": 32, "dup2": 33, "pause": 34, "nanosleep": 35, "getitimer": 36, "alarm": 37,
        "setitimer": 38, "getpid": 39, "sendfile": 40, "sendto": 44, "recvfrom": 45, "sendmsg": 46, "recvmsg": 47,
        "clone": 56, "fork": 57, "vfork": 58, "execve": 59, "exit": 60, "wait4": 61, "kill": 62, "uname": 63,
        "fcntl": 72, "flock": 73, "fsync": 74, "fdatasync": 75, "truncate": 76, "ftruncate": 77, "getdents": 78,
        "getcwd": 79, "chdir": 80, "fchdir": 81, "rename": 82, "mkdir": 83, "rmdir": 84, "creat": 85, "link": 86,
        "unlink": 87, "symlink": 88, "readlink": 89, "chmod": 90, "fchmod": 91, "chown": 92, "fchown": 93,
        "lchown": 94, "umask": 95, "gettimeofday": 96, "getrlimit": 97, "getrusage": 98, "times": 100, "getuid": 102,
        "getgid": 104, "setuid": 105, "setgid": 106, "geteuid": 107, "getegid": 108, "setpgid": 109, "getppid": 110,
        "getpgrp": 111, "setsid": 112, "setreuid": 113, "setregid": 114, "getgroups": 115, "setgroups": 116,
        "setresuid": 117, "getresuid": 118, "setresgid": 119, "getresgid": 120, "getpgid": 121, "getsid": 124,
        "capget": 125, "capset": 126, "rt_sigpending": 127, "rt_sigtimedwait": 128, "rt_sigqueueinfo": 129,
        "rt_sigsuspend": 130, "sigaltstack": 131, "utime": 132, "mknod": 133,
        "getpriority": 140, "setpriority": 141, "sched_setparam": 142, "sched_getparam": 143,
        "sched_setscheduler": 144, "sched_getscheduler": 145, "sched_get_priority_max": 146,
        "sched_get_priority_min": 147, "sched_rr_get_interval": 148, "arch_prctl": 158, "setrlimit": 160,
        "sync": 162, "gettid": 186, "setxattr": 188, "lsetxattr": 189, "fsetxattr": 190, "getxattr": 191,
        "lgetxattr": 192, "fgetxattr": 193, "listxattr": 194, "llistxattr": 195, "flistxattr": 196,
        "removexattr": 197, "lremovexattr": 198, "fremovexattr": 199, "tkill": 200, "time": 201,
        "sched_setaffinity": 203, "sched_getaffinity": 204, "epoll_create": 213, "getdents64": 217,
        "set_tid_address": 218, "restart_syscall": 219, "timer_create": 222, "timer_settime": 223,
        "timer_gettime": 224, "timer_getoverrun": 225, "timer_delete": 226, "clock_gettime": 228, "clock_getres": 229,
        "clock_nanosleep": 230, "exit_group": 231, "epoll_wait": 232, "epoll_ctl": 233, "tgkill": 234, "utimes": 235,
        "waitid": 247, "openat": 257, "mkdirat": 258, "mknodat": 259, "fchownat": 260, "futimesat": 261,
        "newfstatat": 262, "unlinkat": 263, "renameat": 264, "linkat": 265, "symlinkat": 266, "readlinkat": 267,
        "fchmodat": 268, "faccessat": 269, "pselect6": 270, "ppoll": 271, "set_robust_list": 273,
        "get_robust_list": 274, "splice": 275, "tee": 276, "sync_file_range": 277, "utimensat": 280,
        "epoll_pwait": 281, "signalfd": 282, "timerfd_create": 283, "eventfd": 284, "fallocate": 285,
        "timerfd_settime": 286, "timerfd_gettime": 287, "signalfd4": 289, "eventfd2": 290, "epoll_create1": 291,
        "dup3": 292, "preadv": 295, "pwritev": 296, "rt_tgsigqueueinfo": 297, "prlimit64": 302, "syncfs": 306,
        "renameat2": 316, "getrandom": 318, "execveat": 322, "membarrier": 324, "copy_file_range": 326,
        "preadv2": 327, "pwritev2": 328, "rseq": 334, "close_range": 436, "faccessat2": 439, "epoll_pwait2": 441,
    },
    "aarch64": {
        "setxattr": 5, "lsetxattr": 6, "fsetxattr": 7, "getxattr": 8, "lgetxattr": 9, "fgetxattr": 10,
        "listxattr": 11, "llistxattr": 12, "flistxattr": 13, "removexattr": 14, "lremovexattr": 15,
        "fremovexattr": 16, "getcwd": 17, "eventfd2": 19, "epoll_create1": 20, "epoll_ctl": 21, "epoll_pwait": 22,
        "dup": 23, "dup3": 24, "fcntl": 25, "flock": 32, "mknodat": 33, "mkdirat": 34, "unlinkat": 35,
        "symlinkat": 36, "linkat": 37, "renameat": 38, "truncate": 45, "ftruncate": 46,
        "fallocate": 47, "faccessat": 48, "chdir": 49, "fchdir": 50, "fchmod": 52, "fchmodat": 53, "fchownat": 54,
        "fchown": 55, "openat": 56, "close": 57, "getdents64": 61, "lseek": 62, "read": 63, "write": 64, "readv": 65,
        "writev": 66, "pread64": 67, "pwrite64": 68, "preadv": 69, "pwritev": 70, "sendfile": 71, "pselect6": 72,
        "ppoll": 73, "signalfd4": 74, "splice": 76, "tee": 77, "readlinkat": 78, "newfstatat": 79, "fstat": 80,
        "sync": 81, "fsync": 82, "fdatasync": 83, "sync_file_range": 84, "timerfd_create": 85, "timerfd_settime": 86,
        "timerfd_gettime": 87, "utimensat": 88, "capget": 90, "capset": 91, "exit": 93, "exit_group": 94,
        "waitid": 95, "set_tid_address": 96, "set_robust_list": 99, "get_robust_list": 100, "nanosleep": 101,
        "getitimer": 102, "setitimer": 103, "timer_create": 107, "timer_gettime": 108, "timer_getoverrun": 109,
        "timer_settime": 110, "timer_delete": 111, "clock_gettime": 113, "clock_getres": 114, "clock_nanosleep": 115,
        "sched_setparam": 118, "sched_setscheduler": 119, "sched_getscheduler": 120, "sched_getparam": 121,
        "sched_setaffinity": 122, "sched_getaffinity": 123, "sched_yield": 124, "sched_get_priority_max": 125,
        "sched_get_priority_min": 126, "sched_rr_get_interval": 127, "restart_syscall": 128, "kill": 129,
        "tkill": 130, "tgkill": 131, "sigaltstack": 132, "rt_sigsuspend": 133, "rt_sigaction": 134,
        "rt_sigprocmask": 135, "rt_sigpending": 136, "rt_sigtimedwait": 137, "rt_sigqueueinfo": 138,
        "rt_sigreturn": 139, "setpriority": 140, "getpriority": 141, "setregid": 143, "setgid": 144, "setreuid": 145,
        "setuid": 146, "setresuid": 147, "getresuid": 148, "setresgid": 149, "getresgid": 150, "times": 153,
        "setpgid": 154, "getpgid": 155, "getsid": 156, "setsid": 157, "getgroups": 158, "setgroups": 159,
        "uname": 160, "getrlimit": 163, "setrlimit": 164, "getrusage": 165, "umask": 166, "gettimeofday": 169,
        "getpid": 172, "getppid": 173, "getuid": 174, "geteuid": 175, "getgid": 176, "getegid": 177, "gettid": 178,
        "sendto": 206, "recvfrom": 207, "sendmsg": 211, "recvmsg": 212, "brk": 214, "munmap": 215, "mremap": 216,
        "clone": 220, "execve": 221, "msync": 227, "madvise": 233, "rt_tgsigqueueinfo": 240, "wait4": 260,
        "prlimit64": 261, "syncfs": 267, "renameat2": 276, "getrandom": 278, "execveat": 281, "membarrier": 283,
        "copy_file_range": 285, "preadv2": 286, "pwritev2": 287, "rseq": 293, "close_range": 436, "faccessat2": 439,
        "epoll_pwait2": 441,
    },
}  # fmt: skip
"""Left out on purpose:

- pipe, socketpair, memfd_create: the inode number of each counts what the whole machine makes; `split_pipes` replaces
  the first two;
- statx: numbers of mounts, counted for the whole machine; C libraries fall back on stat;
- statfs, fstatfs: the large files lie on the machine's disk, and how much of it is free changes with what a run
  writes down of earlier samples;
- sysinfo: free memory and the number of threads of the machine;
- getsockopt: SO_COOKIE counts sockets;
- mlock, mbind, ioprio, pkeys, landlock, seccomp: no function under test needs them.
"""

_ZYGOTE_NEEDS = {
    "x86_64": {"mount": 165, "umount2": 166, "unshare": 272, "setns": 308, "chroot": 161, "fstatfs": 138},
    "aarch64": {"mount": 40, "umount2": 39, "unshare": 97, "setns": 268, "chroot": 51, "fstatfs": 44},
}
_ZYGOTE_NEEDS_EVERYWHERE = {"mount_setattr": 442, "open_tree": 428}
"""What `sample_filter` then refuses to each candidate."""

_IOCTL = {"x86_64": 16, "aarch64": 29}
_IO_CONTROLS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""TCGETS (is it a terminal?), TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX."""

_MMAP = {"x86_64": 9, "aarch64": 222}
_MPROTECT = {"x86_64": 10, "aarch64": 226}
_PROT_WRITE, _PROT_EXEC = 2, 4
_MAP_ANONYMOUS, _MAP_HUGETLB = 0x20, 0x40000
"""Huge pages come out of one pool for the whole machine."""

_FUTEX = {"x86_64": 202, "aarch64": 98}
_FUTEX_PRIVATE = 128
_FUTEX_WAITS_AND_WAKES = tuple(command | clock for command in (0, 1, 9, 10) for clock in (0, 256))
"""FUTEX_WAIT, FUTEX_WAKE and the same with a bit set; 256 is FUTEX_CLOCK_REALTIME."""

_PRCTL = {"x86_64": 157, "aarch64": 167}
_PROCESS_CONTROLS = (1, 2, 3, 4, 15, 16, 22, 23, 24, 38, 39, 0x53564D41)
"""Signal of the parent's end, dumpable, name, seccomp, capabilities, no_new_privs, names of mappings."""


def split_filter() -> bytes:
    """What candidates of a split server may call, and what their zygote needs to isolate them.

    To be put up once, by the zygote before it serves; `sample_filter` then takes away the zygote's own calls.
    """
    arch = machine()
    allowed = {*_ALLOWED[arch].values(), *_ZYGOTE_NEEDS[arch].values(), *_ZYGOTE_NEEDS_EVERYWHERE.values()}
    program = [
        statement(LOAD, NUMBER),
        *for_call([_FUTEX[arch]], SECOND_ARGUMENT, _futex_commands()),
        *for_call([_MMAP[arch]], FOURTH_ARGUMENT, _mappings()),
        *for_call([_MPROTECT[arch]], THIRD_ARGUMENT, unless_any_bit(_PROT_EXEC, NOT_PERMITTED)),
        *for_call([_IOCTL[arch]], SECOND_ARGUMENT, only(_ranges(_IO_CONTROLS), errno.ENOTTY)),
        *for_call([_PRCTL[arch]], FIRST_ARGUMENT, only(_ranges(_PROCESS_CONTROLS), errno.EINVAL)),
        *only(_ranges(allowed), errno.ENOSYS),
    ]
    return b"".join(program)


def _futex_commands() -> list[bytes]:
    """A futex that is not private is found by the file behind it, so two programs could meet at one in the C library.

    Such a wait returns at once, as futexes may, and whoever waits looks again; such a wake wakes nobody.
    """
    return [
        *unless_any_bit(_FUTEX_PRIVATE, ALLOW),
        *answer(_FUTEX_WAITS_AND_WAKES, GRANTED),
        statement(RETURN, ERRNO | errno.ENOSYS),
    ]


def _mappings() -> list[bytes]:
    """No machine code but that of files: what measures caches to the nanosecond has to be brought along."""
    return [
        *unless_any_bit(_MAP_HUGETLB, ERRNO | errno.ENOMEM),
        statement(LOAD, THIRD_ARGUMENT),
        jump(JUMP_ANY_BIT, _PROT_EXEC, 1, 0),
        statement(RETURN, ALLOW),
        *unless_any_bit(_PROT_WRITE, NOT_PERMITTED),
        statement(LOAD, FOURTH_ARGUMENT),
        *unless_any_bit(_MAP_ANONYMOUS, NOT_PERMITTED),
    ]


def _ranges(numbers: Iterable[int]) -> list[range]:
    """Runs of numbers that follow each other."""
    runs: list[range] = []
    for number in sorted(numbers):
        if runs and runs[-1].stop == number:
            runs[-1] = range(runs[-1].start, number + 1)
        else:
            runs.append(range(number, number + 1))
    return runs
