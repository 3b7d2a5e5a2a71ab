"""The file-system wall: a small read-only root with the system's programs, and a private work folder per sample."""

import os
from collections.abc import Sequence

from sandbox.walls.mounts import (
    MS_BIND,
    MS_NOATIME,
    MS_NODEV,
    MS_NOEXEC,
    MS_NOSUID,
    MS_PRIVATE,
    MS_RDONLY,
    MS_REC,
    MS_REMOUNT,
    bind_read_only,
    clone_mounts,
    mount,
    mount_call,
    pivot_root,
    unmount_detached,
)
from sandbox.walls.syscalls import Syscall, change_folder_call, change_root_calls

WORK_FOLDER = "/tmp"
PACKAGES_FOLDER = "/packages"
"""Where the Python packages offered to programs are found."""
BUILD_FOLDER = "/build"
"""Where a compiler leaves what the program's run then sees read-only."""
CODE_FOLDER = "/code"
"""Where a zygote finds this package as it starts; no program sees it."""

_PROC_FLAGS = MS_NOSUID | MS_NODEV | MS_NOEXEC
_PROCESSES_ONLY = "subset=pid"
"""Neither kernel settings nor what the kernel counts of the whole machine: load, memory, locks, boot id (Linux 5.8)."""
_STAGE = "/tmp"
_ROOT_MB = 1
OLD_ROOT = "/old"
"""Where the machine's own files are seen while a new root is made."""
_LINKS = ("bin", "sbin", "lib", "lib64", "lib32")
_DEVICES = ("null", "zero", "full", "random", "urandom")
_SETTINGS = ("alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "java-17-openjdk", "java-21-openjdk")
"""What linkers and toolchains read below /etc."""


def enter_new_root(interpreter: str, packages: dict[str, str], toolchains: Sequence[str]) -> None:
    """Makes a read-only root of /usr, the interpreter's own folder, packages and toolchains, and enters it.

    `packages` maps names below PACKAGES_FOLDER to folders of the host; `toolchains` are folders shown under their own
    path. Needs a mount namespace of its own. The root is sealed later, by `seal_root`, once /proc has been mounted.
    """
    enter_empty_root(_ROOT_MB)
    _bind_folder("/usr")
    if not f"{interpreter}/".startswith("/usr/"):
        _bind_folder(interpreter)
    for name in _LINKS:
        if os.path.isdir(f"{OLD_ROOT}/{name}") and not os.path.islink(f"{OLD_ROOT}/{name}"):
            _bind_folder(f"/{name}")
    for name in _SETTINGS:
        if os.path.isdir(f"{OLD_ROOT}/etc/{name}"):
            _bind_folder(f"/etc/{name}")
        elif os.path.exists(f"{OLD_ROOT}/etc/{name}"):
            show_file(f"/etc/{name}", f"/etc/{name}")
    for name, folder in packages.items():
        _bind_folder(folder, f"{PACKAGES_FOLDER}/{name}")
    for folder in toolchains:
        _bind_folder(folder)
    _hide_installed_packages(interpreter)
    furnish_root()


def enter_empty_root(size_mb: int) -> None:
    """Makes a root of its own out of nothing but the links that a merged system has, and enters it.

    The machine's files are seen below OLD_ROOT until `leave_old_root`.
    """
    mount("none", "/", "", MS_REC | MS_PRIVATE)
    mount("tmpfs", _STAGE, "tmpfs", MS_NOSUID | MS_NODEV, f"size={size_mb}m,mode=755")
    os.mkdir(_STAGE + OLD_ROOT)
    pivot_root(_STAGE, _STAGE + OLD_ROOT)
    os.chdir("/")
    os.mkdir("/etc")
    for name in _LINKS:
        if os.path.islink(f"{OLD_ROOT}/{name}"):
            link = os.readlink(f"{OLD_ROOT}/{name}")
            os.makedirs(f"/{link}", exist_ok=True)
            os.symlink(link, f"/{name}")


def furnish_root() -> None:
    """What every root has beside programs and libraries: devices, an account, and folders to mount on."""
    with open("/etc/passwd", "w") as file:
        file.write(f"program:x:0:0::{WORK_FOLDER}:/bin/sh\n")
    os.mkdir("/dev")
    for name in _DEVICES:
        _touch(f"/dev/{name}")
        mount(f"{OLD_ROOT}/dev/{name}", f"/dev/{name}", "", MS_BIND)
        bind_read_only(f"/dev/{name}", devices=True)  # else everybody may set its times, for everybody to see
    for name, target in (("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
        os.symlink(target, f"/dev/{name}")
    os.symlink(WORK_FOLDER, "/dev/shm")  # so that what is put there counts as the sample's, and goes with it
    for folder in ("/proc", WORK_FOLDER, BUILD_FOLDER):
        os.makedirs(folder, exist_ok=True)


def leave_old_root() -> None:
    """Cuts the host's files off for good. /proc must have been mounted before: the kernel wants to see the old one."""
    unmount_detached(OLD_ROOT)
    os.rmdir(OLD_ROOT)


def show_code(code: str) -> None:
    """Shows this package, which lies in the folder `code`, for a zygote to start from; see `leave_code`."""
    _bind_folder(f"{code}/sandbox", f"{CODE_FOLDER}/sandbox")


def leave_code() -> None:
    """This package cannot be seen any more in the caller's mount namespace, whose owner may not unmount it."""
    mount("tmpfs", CODE_FOLDER, "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV, "size=4k")


def seal_root() -> None:
    """Nothing can be added to the root from here on."""
    mount("none", "/", "", MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV)


def mount_proc() -> None:
    """Shows the processes of this pid namespace only."""
    mount("proc", "/proc", "proc", _PROC_FLAGS)


def private_view_calls(disk_mb: int) -> list[Syscall]:
    """A work folder and a /proc of the caller's own, gone with its mount namespace; the current folder is the first.

    /proc is read-only and shows processes alone.
    """
    return [
        mount_call("tmpfs", WORK_FOLDER, "tmpfs", MS_NOSUID | MS_NODEV, _size(disk_mb)),
        change_folder_call(WORK_FOLDER),
        mount_call("proc", "/proc", "proc", _PROC_FLAGS | MS_RDONLY, _PROCESSES_ONLY),
    ]


def mount_work_folder(disk_mb: int, *, programs: bool = True) -> None:
    """An empty work folder. To look at it leaves no trace. `programs` says whether those in it can be executed."""
    flags = MS_NOSUID | MS_NODEV | MS_NOATIME | (0 if programs else MS_NOEXEC)
    mount("tmpfs", WORK_FOLDER, "tmpfs", flags, _size(disk_mb))


def mount_hiding_proc() -> None:
    """A read-only /proc of this namespace, for processes of namespaces below it, by their numbers here.

    It hides whatever forbids inspection. Linux 5.8.
    """
    mount("proc", "/proc", "proc", _PROC_FLAGS | MS_RDONLY, f"hidepid=ptraceable,{_PROCESSES_ONLY}")


def hide_proc() -> None:
    """For split servers' zygotes: an empty folder in place of /proc, where everything counts something."""
    mount("tmpfs", "/proc", "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV, "size=4k")


def detach_root() -> int:
    """A descriptor of a copy of our root that belongs to no namespace; see `enter_detached_root_calls`.

    To be made again whenever something was mounted.
    """
    return clone_mounts("/")


def enter_detached_root_calls(root: int) -> list[Syscall]:
    """Enters such a copy, in its work folder. All looks as before, but that no mount is listed.

    /proc/self/mountinfo names the mounts of a process's namespace that its root lies above, and so would tell paths of
    the machine's, its devices, and by their numbers how many others have mounted since.
    """
    return change_root_calls(root, WORK_FOLDER)


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
    mount(OLD_ROOT + folder, target, "", MS_BIND | MS_REC)
    bind_read_only(target)


def show_file(source: str, target: str) -> None:
    """Shows one file of the machine, read-only."""
    _touch(target)
    mount(OLD_ROOT + source, target, "", MS_BIND)
    bind_read_only(target)


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
