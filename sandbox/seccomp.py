"""The system-call wall: two BPF filters, built once as bytes, one over the fork server and one more over each sample.

What cannot be undone by a private namespace is refused: sockets, new namespaces, mounts, tracing, kernel keys,
io_uring, bpf, SysV and POSIX queues (their IPC namespace outlives one sample), clocks and modules. Numbers newer
than this list get ENOSYS, so that tomorrow's kernel opens no door; foreign architectures are killed. Nor may a sample
lower its own CPU rlimit: the kernel's SIGKILL would then look like somebody else's.
"""

import errno
import struct

from sandbox.kernel import machine

_NAMESPACE_FLAGS = 0x7E020000
"""Every CLONE_NEW* bit that clone's first argument can carry."""

_LOAD, _JUMP, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_ANY_BIT, _RETURN = 0x20, 0x05, 0x15, 0x35, 0x45, 0x06
_KILL, _ALLOW, _ERRNO = 0x80000000, 0x7FFF0000, 0x00050000
_NUMBER, _ARCHITECTURE = 0, 4
_FIRST_ARGUMENT, _SECOND_ARGUMENT, _THIRD_ARGUMENT, _THIRD_ARGUMENT_HIGH = 16, 24, 32, 36
_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

_NEWEST = 450
"""set_mempolicy_home_node; the last call that was looked at."""

_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE3 = 435
_SETRLIMIT = {"x86_64": 160, "aarch64": 164}
_PRLIMIT64 = {"x86_64": 302, "aarch64": 261}
_RLIMIT_CPU = 0

_SERVERS_NEED = ("unshare", "setns", "mount", "umount2", "mount_setattr")
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
        "nfsservctl": 42,
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
        _statement(_LOAD, _ARCHITECTURE),
        _jump(_JUMP_EQUAL, _AUDIT[arch], 1, 0),
        _statement(_RETURN, _KILL),
        _statement(_LOAD, _NUMBER),
        _jump(_JUMP_AT_LEAST, _NEWEST + 1, 0, 1),  # x32 numbers lie above it too
        _statement(_RETURN, _ERRNO | errno.ENOSYS),
        _jump(_JUMP_EQUAL, _CLONE3, 0, 1),
        _statement(_RETURN, _ERRNO | errno.ENOSYS),  # its flags lie in memory; glibc falls back to clone on ENOSYS only
    ]
    program += _refuse(sorted(number for name, number in refused.items() if name not in _SERVERS_NEED))
    program += [
        _jump(_JUMP_EQUAL, _CLONE[arch], 0, 3),
        _statement(_LOAD, _FIRST_ARGUMENT),
        _jump(_JUMP_ANY_BIT, _NAMESPACE_FLAGS, 0, 1),
        _statement(_RETURN, _ERRNO | errno.EPERM),
        _statement(_RETURN, _ALLOW),
    ]
    return b"".join(program)


def sample_filter() -> bytes:
    """What its server must call and a sample must not, on top of `server_filter`: short, as every sample puts it up."""
    arch = machine()
    refused = {**_REFUSED_EVERYWHERE, **_REFUSED[arch]}
    program = [_statement(_LOAD, _NUMBER), *_refuse([refused[name] for name in _SERVERS_NEED])]
    program += _refuse_cpu_rlimits(arch)
    program += [_statement(_RETURN, _ALLOW)]
    return b"".join(program)


def _refuse(numbers: list[int]) -> list[bytes]:
    """Tests that share one refusal, over which whatever matches none of them jumps."""
    tests = [_jump(_JUMP_EQUAL, number, len(numbers) - n, 0) for n, number in enumerate(numbers)]
    return [*tests, _statement(_JUMP, 1), _statement(_RETURN, _ERRNO | errno.EPERM)]


def _refuse_cpu_rlimits(arch: str) -> list[bytes]:
    """prlimit64 still reads it: then its third argument, the new limit's address, is null."""
    return [
        _jump(_JUMP_EQUAL, _SETRLIMIT[arch], 0, 4),
        _statement(_LOAD, _FIRST_ARGUMENT),
        _jump(_JUMP_EQUAL, _RLIMIT_CPU, 0, 1),
        _statement(_RETURN, _ERRNO | errno.EPERM),
        _statement(_RETURN, _ALLOW),
        _jump(_JUMP_EQUAL, _PRLIMIT64[arch], 0, 8),
        _statement(_LOAD, _SECOND_ARGUMENT),
        _jump(_JUMP_EQUAL, _RLIMIT_CPU, 0, 5),
        _statement(_LOAD, _THIRD_ARGUMENT),
        _jump(_JUMP_EQUAL, 0, 0, 2),
        _statement(_LOAD, _THIRD_ARGUMENT_HIGH),
        _jump(_JUMP_EQUAL, 0, 1, 0),
        _statement(_RETURN, _ERRNO | errno.EPERM),
        _statement(_RETURN, _ALLOW),
    ]


def _statement(code: int, value: int) -> bytes:
    return struct.pack("HBBI", code, 0, 0, value)


def _jump(code: int, value: int, if_true: int, if_false: int) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)
