"""The system-call wall: BPF filters, built once as bytes.

| filter | over whom | put up |
|---|---|---|
| `server_filter` | a fork server and all it starts | once |
| `split_filter` | the zygote of a split server and all its candidates, in addition | once |
| `sample_filter` | one sample, in addition | by every sample, so it is short |

What cannot be undone by a private namespace is refused: sockets, new namespaces, mounts, tracing, kernel keys,
io_uring, bpf, SysV and POSIX queues (their IPC namespace outlives one sample), clocks and modules. So is what tells one
sample of another: see docs/sandbox.md, channels. Numbers newer than this list get ENOSYS, so that tomorrow's kernel
opens no door; foreign architectures are killed. Nor may a sample lower its own CPU rlimit: the kernel's SIGKILL would
then look like somebody else's.

The kernel keeps a list of the numbers that a filter allows whatever the arguments, and executes no filter for them
(Linux 5.11). Only the other calls pay for the length of these programs.
"""

import errno

from sandbox.walls.bpf import (
    ALLOW,
    ARCHITECTURE,
    ERRNO,
    FIRST_ARGUMENT,
    GRANTED,
    JUMP_AT_LEAST,
    JUMP_EQUAL,
    KILL,
    LOAD,
    NOT_PERMITTED,
    NUMBER,
    RETURN,
    SECOND_ARGUMENT,
    SIXTH_ARGUMENT,
    THIRD_ARGUMENT,
    THIRD_ARGUMENT_HIGH,
    answer,
    for_call,
    jump,
    only,
    statement,
    unless_any_bit,
)
from sandbox.walls.syscalls import machine

_REFUSED_CLONE_FLAGS = 0x7E020000 | 0x1000
"""Every CLONE_NEW* bit that clone's first argument can carry, and CLONE_PIDFD; see `pidfd_open` below."""

_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

_NEWEST = 450
"""set_mempolicy_home_node; the last call that was looked at."""

_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE3 = 435
_OPENAT2 = 437
_CLONE3_AND_OPENAT2_LIE_IN_MEMORY = (_CLONE3, _OPENAT2)
"""Flags that no filter can read: a namespace in the one, RESOLVE_CACHED (is a name in the cache?) in the other.
Programs fall back on the older calls on ENOSYS only."""
_PIDFD_OPEN = 434
"""The inode number of a pidfd counts all processes that the machine ever started (Linux 6.9)."""
_FSTATFS = {"x86_64": 138, "aarch64": 44}
"""How much of the machine's disk is free: a zygote asks for its work folder only."""
_SETRLIMIT = {"x86_64": 160, "aarch64": 164}
_PRLIMIT64 = {"x86_64": 302, "aarch64": 261}
_RLIMIT_CPU = 0

_FCNTL = {"x86_64": 72, "aarch64": 25}
_F_GETLK, _F_SETLK, _F_SETLKW, _F_OFD_GETLK, _F_OFD_SETLK, _F_OFD_SETLKW = 5, 6, 7, 36, 37, 38
_FCNTL_COMMANDS = (range(5), range(8, 12), range(15, 17), range(1030, 1035))
"""Duplicates; flags, owner and signal of the open file, which is a sample's own; size of pipes, seals. The others reach
the file itself, which all samples see: leases, notifications (F_NOTIFY), write hints."""

_FLOCK = {"x86_64": 73, "aarch64": 32}
_SYNC = {"x86_64": (162, 306, 277), "aarch64": (81, 267, 84)}
"""sync, syncfs, sync_file_range: they wait for what others wrote, and write it to disk."""

_PREADV2_AND_PWRITEV2 = {"x86_64": (327, 328), "aarch64": (286, 287)}
"""With the flag RWF_NOWAIT they tell what lies in the page cache."""

_MADVISE = {"x86_64": 28, "aarch64": 233}
_REFUSED_ADVICE = (12, 20, 21)
"""MADV_MERGEABLE (equal pages become slow to write to), MADV_COLD, MADV_PAGEOUT (empties the page cache)."""

_SERVERS_NEED = ("unshare", "setns", "mount", "umount2", "mount_setattr", "chroot", "open_tree")
"""To put up the walls of the next sample."""

_REFUSED_EVERYWHERE = {
    "pidfd_getfd": 438, "process_madvise": 440, "io_uring_setup": 425, "io_uring_enter": 426,
    "io_uring_register": 427, "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432,
    "fspick": 433, "mount_setattr": 442, "quotactl_fd": 443, "memfd_secret": 447, "process_mrelease": 448,
}  # fmt: skip

_REFUSED = {
    "x86_64": {
        "socket": 41, "connect": 42, "accept": 43, "bind": 49, "listen": 50, "accept4": 288,
        "shmget": 29, "shmat": 30, "shmctl": 31, "semget": 64, "semop": 65, "semctl": 66, "shmdt": 67, "msgget": 68,
        "msgsnd": 69, "msgrcv": 70, "msgctl": 71, "semtimedop": 220, "mq_open": 240, "mq_unlink": 241,
        "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312, "perf_event_open": 298,
        "unshare": 272, "setns": 308, "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161,
        "open_by_handle_at": 304, "name_to_handle_at": 303, "fanotify_init": 300, "personality": 135,
        "bpf": 321, "userfaultfd": 323, "add_key": 248, "request_key": 249, "keyctl": 250,
        "kexec_load": 246, "kexec_file_load": 320, "reboot": 169, "init_module": 175, "delete_module": 176,
        "finit_module": 313, "syslog": 103, "acct": 163, "quotactl": 179, "swapon": 167, "swapoff": 168,
        "settimeofday": 164, "clock_settime": 227, "adjtimex": 159, "clock_adjtime": 305, "sethostname": 170,
        "setdomainname": 171, "iopl": 172, "ioperm": 173, "vhangup": 153, "modify_ldt": 154, "migrate_pages": 256,
        "move_pages": 279, "lookup_dcookie": 212, "uselib": 134, "ustat": 136, "_sysctl": 156, "nfsservctl": 180,
        "fadvise64": 221, "readahead": 187, "mincore": 27, "io_setup": 206, "inotify_init": 253, "inotify_init1": 294,
    },
    "aarch64": {
        "socket": 198, "connect": 203, "accept": 202, "bind": 200, "listen": 201, "accept4": 242,
        "msgget": 186, "msgctl": 187, "msgrcv": 188, "msgsnd": 189, "semget": 190, "semctl": 191, "semtimedop": 192,
        "semop": 193, "shmget": 194, "shmctl": 195, "shmat": 196, "shmdt": 197, "mq_open": 180, "mq_unlink": 181,
        "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271, "kcmp": 272, "perf_event_open": 241,
        "unshare": 97, "setns": 268, "mount": 40, "umount2": 39, "pivot_root": 41, "chroot": 51,
        "open_by_handle_at": 265, "name_to_handle_at": 264, "fanotify_init": 262, "personality": 92,
        "bpf": 280, "userfaultfd": 282, "add_key": 217, "request_key": 218, "keyctl": 219,
        "kexec_load": 104, "kexec_file_load": 294, "reboot": 142, "init_module": 105, "delete_module": 106,
        "finit_module": 273, "syslog": 116, "acct": 89, "quotactl": 60, "swapon": 224, "swapoff": 225,
        "settimeofday": 170, "clock_settime": 112, "adjtimex": 171, "clock_adjtime": 266, "sethostname": 161,
        "setdomainname": 162, "vhangup": 58, "migrate_pages": 238, "move_pages": 239, "lookup_dcookie": 18,
        "nfsservctl": 42, "fadvise64": 223, "readahead": 213, "mincore": 232, "io_setup": 0, "inotify_init1": 26,
    },
}  # fmt: skip


def supported() -> bool:
    """Whether this processor's call numbers are known here."""
    return machine() in _AUDIT


def refused_calls() -> set[str]:
    """Names of the calls that no sample may make."""
    return {*_REFUSED_EVERYWHERE, *_REFUSED[machine()]}


def server_filter() -> bytes:
    """What neither a fork server nor any of its samples may call: put up once. 8 bytes an instruction."""
    arch = machine()
    refused = {**_REFUSED_EVERYWHERE, **_REFUSED[arch]}
    program = [
        statement(LOAD, ARCHITECTURE),
        jump(JUMP_EQUAL, _AUDIT[arch], 1, 0),
        statement(RETURN, KILL),
        statement(LOAD, NUMBER),
        jump(JUMP_AT_LEAST, _NEWEST + 1, 0, 1),  # x32 numbers lie above it too
        statement(RETURN, ERRNO | errno.ENOSYS),
        *answer(_CLONE3_AND_OPENAT2_LIE_IN_MEMORY, ERRNO | errno.ENOSYS),
        *answer(sorted(number for name, number in refused.items() if name not in _SERVERS_NEED), NOT_PERMITTED),
        *answer((_FLOCK[arch], *_SYNC[arch]), GRANTED),
        *for_call([_CLONE[arch]], FIRST_ARGUMENT, unless_any_bit(_REFUSED_CLONE_FLAGS, NOT_PERMITTED)),
        *for_call(_PREADV2_AND_PWRITEV2[arch], SIXTH_ARGUMENT, only([range(1)], errno.EOPNOTSUPP)),
        *for_call([_MADVISE[arch]], THIRD_ARGUMENT, answer(_REFUSED_ADVICE, ERRNO | errno.EINVAL)),
        *for_call([_FCNTL[arch]], SECOND_ARGUMENT, _fcntl_commands()),
        statement(RETURN, ALLOW),
    ]
    return b"".join(program)


def sample_filter(*, split: bool = False) -> bytes:
    """What its server must call and a sample must not, on top of `server_filter`: short, as every sample puts it up.

    `split` is for split candidates.
    """
    arch = machine()
    refused = {**_REFUSED_EVERYWHERE, **_REFUSED[arch]}
    program = [
        statement(LOAD, NUMBER),
        *answer([refused[name] for name in _SERVERS_NEED], NOT_PERMITTED),
        *answer([_PIDFD_OPEN, *([_FSTATFS[arch]] if split else [])], ERRNO | errno.ENOSYS),
        *_refuse_cpu_rlimits(arch),
        statement(RETURN, ALLOW),
    ]
    return b"".join(program)


def _fcntl_commands() -> list[bytes]:
    """Locks are granted and never taken: a sample shares its files with nobody, and the kernel has no limit for them.

    Whether another holds one cannot be asked. sqlite3 and its like work.
    """
    return [
        *answer((_F_SETLK, _F_SETLKW, _F_OFD_SETLK, _F_OFD_SETLKW), GRANTED),
        *answer((_F_GETLK, _F_OFD_GETLK), ERRNO | errno.ENOLCK),
        *only(_FCNTL_COMMANDS, errno.EPERM),
    ]


def _refuse_cpu_rlimits(arch: str) -> list[bytes]:
    """prlimit64 still reads it: then its third argument, the new limit's address, is null."""
    return [
        jump(JUMP_EQUAL, _SETRLIMIT[arch], 0, 4),
        statement(LOAD, FIRST_ARGUMENT),
        jump(JUMP_EQUAL, _RLIMIT_CPU, 0, 1),
        statement(RETURN, ERRNO | errno.EPERM),
        statement(RETURN, ALLOW),
        jump(JUMP_EQUAL, _PRLIMIT64[arch], 0, 8),
        statement(LOAD, SECOND_ARGUMENT),
        jump(JUMP_EQUAL, _RLIMIT_CPU, 0, 5),
        statement(LOAD, THIRD_ARGUMENT),
        jump(JUMP_EQUAL, 0, 0, 2),
        statement(LOAD, THIRD_ARGUMENT_HIGH),
        jump(JUMP_EQUAL, 0, 1, 0),
        statement(RETURN, ERRNO | errno.EPERM),
        statement(RETURN, ALLOW),
    ]
