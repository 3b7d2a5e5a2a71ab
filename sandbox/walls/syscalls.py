"""The system calls that Python's os module lacks, by ctypes. Linux only; a failure is an OSError naming the call.

What every sample does is also there as a `Syscall`, made once and performed after each fork: a process that runs little
Python writes to little of the memory that it shares with its parent, and each such page costs 3 us.
"""

import ctypes
import os
import resource
import struct
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

libc = ctypes.PyDLL(None, use_errno=True)  # holds the interpreter's lock: no other thread waits for it here
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = (
    ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long,
)  # fmt: skip
_PROT_READ, _MAP_SHARED, _MADV_DONTFORK = 1, 1, 10  # the mmap module is one library more for every sample
_MAP_FAILED = ctypes.c_void_p(-1).value

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_SECCOMP = 22
_PR_CAPBSET_DROP = 24
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_MODE_FILTER = 2
_CAPABILITY_VERSION_3 = 0x20080522
_SYS_CAPSET = {"x86_64": 126, "aarch64": 91}
AT_FDCWD = -100
_SYS_FSTAT = {"x86_64": 5, "aarch64": 80}
_STAT_BYTES = 144
_STATFS_BYTES = 120


def machine() -> str:
    """The processor architecture, as the kernel names it."""
    return os.uname().machine


def check(result: int, call: str) -> None:
    """Raises OSError naming `call` where its result says that the kernel refused it."""
    if result < 0:
        raise _refusal(call)


def _refusal(call: str) -> OSError:
    error = ctypes.get_errno()
    return OSError(error, f"{call}: {os.strerror(error)}")


def fork_bare() -> int:
    """The C library's fork, past the interpreter's: 0 in the child, else its pid.

    Python's own resets locks that only other threads could hold, and calls hooks: that of `random` would seed again, at
    40 page faults, what each child is to find seeded. Only for a process of a single thread.
    """
    pid = libc.fork()
    check(pid, "fork")
    return pid


class Syscall(NamedTuple):
    """A system call with its arguments made ready."""

    name: str
    function: Callable[..., int]
    arguments: tuple[Any, ...] = ()


def perform(calls: Iterable[Syscall]) -> None:
    """Performs calls in turn. Raises OSError naming the first that the kernel refuses."""
    for name, function, arguments in calls:
        if function(*arguments) < 0:
            raise _refusal(name)


def unshare(flags: int) -> None:
    """Leaves the namespaces named in `flags` for new ones."""
    perform([unshare_call(flags)])


def unshare_call(flags: int) -> Syscall:
    """See `unshare`."""
    return Syscall("unshare", libc.unshare, (flags,))


def setns_call(descriptor: int, kind: int) -> Syscall:
    """Enters the namespace behind `descriptor`; for pid namespaces, its future children do."""
    return Syscall("setns", libc.setns, (descriptor, kind))


def keep_in_memory(path: str, size: int) -> None:
    """Reads a file of so many bytes to its end and, where we may, locks its pages until this process ends."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        address = libc.mmap(None, size, _PROT_READ, _MAP_SHARED, descriptor, 0)
        if address != _MAP_FAILED:
            pages = ctypes.c_void_p(address), ctypes.c_size_t(size)
            libc.madvise(*pages, _MADV_DONTFORK)
            if libc.mlock(*pages) == 0:
                return
            libc.munmap(*pages)
        nowhere = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
        offset = 0
        while sent := os.sendfile(nowhere, descriptor, offset, size - offset):
            offset += sent
        os.close(nowhere)
    finally:
        os.close(descriptor)


def name_machine(name: str) -> None:
    """Sets the host name and the domain name of our uts namespace."""
    check(libc.sethostname(name.encode(), len(name)), "sethostname")
    check(libc.setdomainname(name.encode(), len(name)), "setdomainname")


def die_with_parent(signal_number: int) -> None:
    """Asks for `signal_number` when the parent ends. Lost when credentials change: call it after that."""
    check(libc.prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0), "prctl PDEATHSIG")


def exit_at(signal_number: int) -> None:
    """Ends this process when the signal arrives, whatever it is doing then.

    The first process of a pid namespace never gets a signal that it has no handler for, except SIGKILL from outside.
    So the handler is the C library's `_exit`, which needs no interpreter.
    """
    libc.signal(signal_number, libc._exit)


def adopt_orphans() -> None:
    """Makes us the parent of every process below us whose own parent ends."""
    check(libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "prctl CHILD_SUBREAPER")


def forbid_inspection() -> None:
    """Nobody without capabilities can look into this process's memory, not even under the same uid; exec undoes it."""
    check(libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0), "prctl DUMPABLE")


def allow_inspection() -> None:
    """Undoes `forbid_inspection`: processes of the same rights may open this one's descriptors by their path."""
    check(libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0), "prctl DUMPABLE")


_prctl, _openat, _write, _close = libc.prctl, libc.openat, libc.write, libc.close
_dup3, _wait4 = libc.dup3, libc.wait4
"""Looked up once: to look a function up costs a fresh fork 40 page faults."""


def be_first_out_of_memory(proc: int) -> None:
    """Makes this process, and all it may start, the first to go when memory runs out: before the server that forked it.

    `proc` is an open /proc that may be written to. A change of user leaves a process nobody may write about, itself
    included: so it has to become one that its like may look at.
    """
    _prctl(_PR_SET_DUMPABLE, 1)
    descriptor = _openat(proc, b"self/oom_score_adj", os.O_WRONLY)
    check(descriptor, "open oom_score_adj")
    _write(descriptor, b"1000", 4)
    _close(descriptor)


DESCRIPTORS_END = 1 << 16
"""No process of the sandbox holds a descriptor with this number or a higher one; for `os.closerange`."""


def put(descriptor: int, place: int) -> None:
    """Makes `place` stand for what `descriptor` stands for; no program that is executed inherits it."""
    if _dup3(descriptor, place, os.O_CLOEXEC) < 0:
        raise _refusal("dup3")


ENDED = struct.Struct("=i4x 4q q 13q")
"""A wait status and `struct rusage`: seconds and microseconds of user and of system CPU time, then the largest resident
size in KiB and what else there is."""


def waiter() -> Callable[[int], bytes]:
    """Waits for a child by its pid; gives what `ENDED` reads. Raises OSError."""
    answer = ctypes.create_string_buffer(ENDED.size)
    status, usage = ctypes.byref(answer), ctypes.byref(answer, 8)

    def wait(pid: int) -> bytes:
        if _wait4(pid, status, 0, usage) < 0:
            raise _refusal("wait4")
        return answer.raw

    return wait


def own_session_call() -> Syscall:
    """A session of our own, without a terminal."""
    return Syscall("setsid", libc.setsid)


def change_folder_call(path: str) -> Syscall:
    """Goes to a folder."""
    return Syscall("chdir", libc.chdir, (path.encode(),))


def own_standard_streams_calls() -> list[Syscall]:
    """Puts an open /dev/null that is nobody else's in place of descriptors 0, 1 and 2.

    What a fork inherits is one open file for all: its position, flags, owner and locks are seen by the next sample.
    """
    null = (AT_FDCWD, b"/dev/null", os.O_RDWR)
    return [Syscall("close", libc.close, (0,)), Syscall("open /dev/null", libc.openat, null)] + [
        Syscall("dup2", libc.dup2, (0, place)) for place in (1, 2)
    ]


def change_root_calls(descriptor: int, folder: str) -> list[Syscall]:
    """Makes an open folder the root, and goes to `folder` in it."""
    return [
        Syscall("fchdir", libc.fchdir, (descriptor,)),
        Syscall("chroot", libc.chroot, (b".",)),
        change_folder_call(folder),
    ]


FOLDER_STATE_BYTES = _STAT_BYTES + _STATFS_BYTES


def folder_state_calls(descriptor: int, state: ctypes.Array[ctypes.c_char]) -> list[Syscall]:
    """Writes into `state` what the kernel says of an open folder and of the file system that it is the top of.

    Equal bytes mean that nothing was added, taken away or changed in between, and that nothing more is held.
    """
    ours = (
        _SYS_FSTAT[machine()],
        descriptor,
        ctypes.byref(state),
    )  # by number: older C libraries have no such function
    whole = (descriptor, ctypes.byref(state, _STAT_BYTES))
    return [Syscall("fstat", libc.syscall, ours), Syscall("fstatfs", libc.fstatfs, whole)]


class _ResourceLimit(ctypes.Structure):
    _fields_ = (("soft", ctypes.c_ulong), ("hard", ctypes.c_ulong))


def limit_call(kind: int, value: int) -> Syscall:
    """Sets a resource limit for good, or leaves it where it is lower already."""
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    return Syscall("setrlimit", libc.setrlimit, (kind, ctypes.byref(_ResourceLimit(value, value))))


def forbid_new_privileges() -> None:
    """No exec can gain privileges from here on."""
    check(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl NO_NEW_PRIVS")


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _CapabilityData(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


_NO_CAPABILITIES = (_CapabilityData * 2)()
_CAPABILITY_HEADER = _CapabilityHeader(_CAPABILITY_VERSION_3, 0)


def last_capability() -> int:
    """The highest capability number this kernel knows."""
    with open("/proc/sys/kernel/cap_last_cap") as file:
        return int(file.read())


def bar_capabilities(last: int) -> None:
    """No process started from here on can gain a capability up to number `last`; we keep ours."""
    for capability in range(last + 1):
        check(libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0), "prctl CAPBSET_DROP")


def drop_capabilities_call() -> Syscall:
    """Gives up every capability; with `bar_capabilities` before, for good."""
    arguments = (_SYS_CAPSET[machine()], ctypes.byref(_CAPABILITY_HEADER), ctypes.byref(_NO_CAPABILITIES))
    return Syscall("capset", libc.syscall, arguments)


class _FilterProgram(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def filter_call(instructions: bytes) -> Syscall:
    """Puts a seccomp BPF program (8 bytes an instruction) over this process and all it may start."""
    buffer = ctypes.create_string_buffer(instructions, len(instructions))
    program = _FilterProgram(len(instructions) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    program.buffer = buffer  # lives as long as the call
    return Syscall("seccomp", libc.prctl, (_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0))
