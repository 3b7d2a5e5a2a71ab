"""The mount calls that Python's os module lacks; see `sandbox.walls.syscalls`."""

import ctypes
import os

from sandbox.walls.syscalls import AT_FDCWD, Syscall, check, libc, machine, perform

MS_RDONLY = 1
MS_NOSUID = 2
MS_NODEV = 4
MS_NOEXEC = 8
MS_REMOUNT = 32
MS_NOATIME = 1024
MS_BIND = 4096
MS_REC = 16384
MS_PRIVATE = 1 << 18

_MNT_DETACH = 2
_SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_SYS_MOUNT_SETATTR = 442
_SYS_OPEN_TREE = 428
_OPEN_TREE_CLONE = 1
_AT_RECURSIVE = 0x8000
_MOUNT_ATTR_RDONLY = 1
_MOUNT_ATTR_NOSUID = 2
_MOUNT_ATTR_NODEV = 4


def mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    """Mounts `source` on `target`."""
    perform([mount_call(source, target, kind, flags, options)])


def mount_call(source: str, target: str, kind: str, flags: int, options: str = "") -> Syscall:
    """See `mount`."""
    arguments = (source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode())
    return Syscall(f"mount {kind or 'bind'} on {target}", libc.mount, arguments)


def clone_mounts(top: str) -> int:
    """A descriptor of a copy of the mounts from `top` on, which belongs to no mount namespace (Linux 5.2)."""
    flags = ctypes.c_uint(_OPEN_TREE_CLONE | _AT_RECURSIVE | os.O_CLOEXEC)
    descriptor = libc.syscall(_SYS_OPEN_TREE, AT_FDCWD, top.encode(), flags)
    check(descriptor, f"open_tree {top}")
    return descriptor


class _MountAttributes(ctypes.Structure):
    _fields_ = (
        ("set", ctypes.c_uint64),
        ("clear", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("user_namespace", ctypes.c_uint64),
    )


def bind_read_only(target: str, *, devices: bool = False) -> None:
    """Makes the mount on `target`, and all below it, read-only without set-uid (Linux 5.12).

    Device files there do not work, unless `devices`: they can then be read and written to, but keep their times.
    """
    perform([bind_read_only_call(target, devices=devices)])


def bind_read_only_call(target: str, *, devices: bool = False) -> Syscall:
    """See `bind_read_only`."""
    no_devices = 0 if devices else _MOUNT_ATTR_NODEV
    attributes = _MountAttributes(set=_MOUNT_ATTR_RDONLY | _MOUNT_ATTR_NOSUID | no_devices)
    size = ctypes.c_size_t(ctypes.sizeof(attributes))
    arguments = (_SYS_MOUNT_SETATTR, AT_FDCWD, target.encode(), _AT_RECURSIVE, ctypes.byref(attributes), size)
    return Syscall(f"mount_setattr read-only on {target}", libc.syscall, arguments)


def unmount_detached(target: str) -> None:
    """Unmounts `target` from the tree now, and for good once nobody uses it."""
    check(libc.umount2(target.encode(), _MNT_DETACH), f"umount {target}")


def pivot_root(new_root: str, put_old: str) -> None:
    """Makes `new_root` the root; the old one is then found under `put_old`."""
    check(libc.syscall(_SYS_PIVOT_ROOT[machine()], new_root.encode(), put_old.encode()), "pivot_root")
