"""The file-system wall: a small read-only root with the system's programs, and a private work folder per sample."""

import os
from collections.abc import Sequence

from sandbox.kernel import (
    MS_BIND,
    MS_NOATIME,
    MS_NODEV,
    MS_NOEXEC,
    MS_NOSUID,
    MS_PRIVATE,
    MS_RDONLY,
    MS_REC,
    MS_REMOUNT,
    Call,
    bind_read_only,
    change_folder_call,
    mount,
    mount_call,
    pivot_root,
    unmount_detached,
)

WORK_FOLDER = "/tmp"
PACKAGES_FOLDER = "/packages"
"""Where the Python packages offered to programs are found."""
BUILD_FOLDER = "/build"
"""Where a compiler leaves what the program's run then sees read-only."""
CODE_FOLDER = "/code"
"""Where a zygote finds this package as it starts; no program sees it."""

_PROC_FLAGS = MS_NOSUID | MS_NODEV | MS_NOEXEC
_STAGE = "/tmp"
_OLD_ROOT = "/old"
_LINKS = ("bin", "sbin", "lib", "lib64", "lib32")
_DEVICES = ("null", "zero", "full", "random", "urandom")
_SETTINGS = ("alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "java-17-openjdk", "java-21-openjdk")
"""What linkers and toolchains read below /etc."""


def enter_new_root(interpreter: str, packages: dict[str, str], toolchains: Sequence[str], code: str) -> None:
    """Makes a read-only root of /usr, the interpreter's own folder, packages and toolchains, and enters it.

    `packages` maps names below PACKAGES_FOLDER to folders of the host; `toolchains` are folders shown under their own
    path; `code` is the folder that holds this package. Needs a mount namespace of its own. The root is sealed later, by
    `seal_root`, once /proc has been mounted.
    """
    mount("none", "/", "", MS_REC | MS_PRIVATE)
    mount("tmpfs", _STAGE, "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,mode=755")
    os.mkdir(_STAGE + _OLD_ROOT)
    pivot_root(_STAGE, _STAGE + _OLD_ROOT)
    os.chdir("/")
    _bind_folder("/usr")
    if not f"{interpreter}/".startswith("/usr/"):
        _bind_folder(interpreter)
    _copy_links()
    _bind_settings()
    _bind_devices()
    for name, folder in packages.items():
        _bind_folder(folder, f"{PACKAGES_FOLDER}/{name}")
    for folder in toolchains:
        _bind_folder(folder)
    _bind_folder(f"{code}/sandbox", f"{CODE_FOLDER}/sandbox")
    _hide_installed_packages(interpreter)
    for folder in ("/proc", WORK_FOLDER, BUILD_FOLDER):
        os.makedirs(folder, exist_ok=True)


def leave_old_root() -> None:
    """Cuts the host's files off for good. /proc must have been mounted before: the kernel wants to see the old one."""
    unmount_detached(_OLD_ROOT)
    os.rmdir(_OLD_ROOT)


def leave_code() -> None:
    """This package cannot be seen any more in the caller's mount namespace, whose owner may not unmount it."""
    mount("tmpfs", CODE_FOLDER, "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV, "size=4k")


def seal_root() -> None:
    """Nothing can be added to the root from here on."""
    mount("none", "/", "", MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV)


def mount_proc() -> None:
    """Shows the processes of this pid namespace only."""
    mount("proc", "/proc", "proc", _PROC_FLAGS)


def private_view_calls(disk_mb: int) -> list[Call]:
    """A work folder and a /proc of the caller's own, gone with its mount namespace; the current folder is the first.

    /proc is read-only and so offers no kernel setting to write to.
    """
    return [
        mount_call("tmpfs", WORK_FOLDER, "tmpfs", MS_NOSUID | MS_NODEV, _size(disk_mb)),
        change_folder_call(WORK_FOLDER),
        mount_call("proc", "/proc", "proc", _PROC_FLAGS | MS_RDONLY),
    ]


def mount_work_folder(disk_mb: int) -> None:
    """An empty work folder. To look at it leaves no trace."""
    mount("tmpfs", WORK_FOLDER, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOATIME, _size(disk_mb))


def mount_hiding_proc() -> None:
    """A read-only /proc of this namespace, for processes of namespaces below it, by their numbers here.

    It hides whatever forbids inspection. Linux 5.8.
    """
    mount("proc", "/proc", "proc", _PROC_FLAGS | MS_RDONLY, "hidepid=ptraceable")


def mount_build_folder(disk_mb: int) -> None:
    """In a fork server: a folder that outlives the compiler's namespace and is gone with `unmount_build_folder`."""
    mount("tmpfs", BUILD_FOLDER, "tmpfs", MS_NOSUID | MS_NODEV, _size(disk_mb))


def unmount_build_folder() -> None:
    """Forgets what the compiler made."""
    unmount_detached(BUILD_FOLDER)


def _size(disk_mb: int) -> str:
    return f"size={disk_mb}m,nr_inodes={64 * disk_mb},mode=777"


def _bind_folder(folder: str, target: str = "") -> None:
    target = target or folder
    os.makedirs(target, exist_ok=True)
    mount(_OLD_ROOT + folder, target, "", MS_BIND | MS_REC)
    bind_read_only(target)


def _copy_links() -> None:
    """/bin, /lib and their kind: links into /usr on a merged system, folders of their own elsewhere."""
    for name in _LINKS:
        old = f"{_OLD_ROOT}/{name}"
        if os.path.islink(old):
            os.symlink(os.readlink(old), f"/{name}")
        elif os.path.isdir(old):
            _bind_folder(f"/{name}")


def _bind_settings() -> None:
    os.mkdir("/etc")
    for name in _SETTINGS:
        old, new = f"{_OLD_ROOT}/etc/{name}", f"/etc/{name}"
        if os.path.isdir(old):
            _bind_folder(f"/etc/{name}")
        elif os.path.exists(old):
            _touch(new)
            mount(old, new, "", MS_BIND)
            bind_read_only(new)
    with open("/etc/passwd", "w") as file:
        file.write(f"program:x:0:0::{WORK_FOLDER}:/bin/sh\n")


def _bind_devices() -> None:
    os.mkdir("/dev")
    for name in _DEVICES:
        _touch(f"/dev/{name}")
        mount(f"{_OLD_ROOT}/dev/{name}", f"/dev/{name}", "", MS_BIND)
    for name, target in (("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
        os.symlink(target, f"/dev/{name}")
    os.symlink(WORK_FOLDER, "/dev/shm")


def _hide_installed_packages(interpreter: str) -> None:
    """Benchmarks and their answers may be installed there; programs see the standard library and PACKAGES_FOLDER."""
    for prefix in {interpreter, "/usr", "/usr/local"}:
        lib = f"{prefix}/lib"
        versions = [name for name in os.listdir(lib) if name.startswith("python")] if os.path.isdir(lib) else []
        for version in versions:
            for packages in ("site-packages", "dist-packages"):
                if os.path.isdir(f"{lib}/{version}/{packages}"):
                    mount("tmpfs", f"{lib}/{version}/{packages}", "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV, "size=4k")


def _touch(path: str) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644))
