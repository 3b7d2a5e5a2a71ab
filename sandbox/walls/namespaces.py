"""The namespace wall around one fork server: own user, mount, pid, network, ipc, uts and cgroup namespaces.

As root, uid 0 inside is an unused uid outside, which owns nothing and is each server's own: the kernel counts pipes by
uid. As an ordinary user, uid 0 inside is that user, who sees only the read-only root. Either way no capability reaches
beyond the namespaces.
"""

import os
import signal
from collections.abc import Callable, Sequence
from typing import NoReturn

from sandbox.walls.filesystem import enter_new_root, leave_old_root, mount_proc, seal_root, show_code
from sandbox.walls.split_root import Shown, enter_split_root
from sandbox.walls.syscalls import (
    CLONE_NEWCGROUP,
    CLONE_NEWIPC,
    CLONE_NEWNET,
    CLONE_NEWNS,
    CLONE_NEWPID,
    CLONE_NEWUSER,
    CLONE_NEWUTS,
    die_with_parent,
    name_machine,
    perform,
    setns_call,
    unshare,
    unshare_call,
)

_FIRST_OUTSIDE_ID = 0x70000000
"""The uid and gid outside that stand behind uid 0 inside when we are root are the server's pid beyond this number: no
account, container or dynamic user has them (systemd's table of uids leaves them unused)."""

_MACHINE_NAME = "sandbox"
"""What programs see in place of the machine's own name."""

_SHARED_BY_SAMPLES = CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP


class ProcessNumbers:
    """The numbers that a pid namespace gives its processes, which count all that were ever started in it.

    Made in, and for, the namespace of the calling process. `proc` is an open /proc of it that may be written to.
    """

    def __init__(self, proc: int) -> None:
        try:
            self._last = os.open("sys/kernel/ns_last_pid", os.O_WRONLY | os.O_CLOEXEC, dir_fd=proc)
        except OSError:  # a kernel without CONFIG_CHECKPOINT_RESTORE
            self._last = -1

    def start_again(self) -> None:
        """The next process gets the number it would get in a new namespace, where nobody has it. Raises OSError."""
        if self._last >= 0:
            os.pwrite(self._last, b"1", 0)


class ChildNamespaces:
    """Gives whatever the calling process forks in between a pid namespace of its own."""

    def __init__(self) -> None:
        own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
        self._leave = [unshare_call(CLONE_NEWPID)]
        self._come_back = [setns_call(own, CLONE_NEWPID)]

    def before_fork(self) -> None:
        """Raises OSError."""
        perform(self._leave)

    def after_fork(self) -> None:
        """In the parent. Raises OSError."""
        perform(self._come_back)  # else the next unshare is refused


def enter_namespaces(
    interpreter: str,
    packages: dict[str, str],
    *,
    toolchains: Sequence[str] = (),
    code: str,
    split: Shown | None = None,
    let_go: Callable[[], None],
    clean_up: Callable[[], None],
) -> None:
    """Moves into namespaces of our own; returns only in the process that is pid 1 there.

    The processes left outside call `let_go`, wait for that process and end with it; the outermost calls `clean_up`
    last. With `split`, a plan of `plan_split_root`, the root is that one. Raises OSError naming the call that the
    kernel refused.
    """

    def enter_root() -> None:
        name_machine(_MACHINE_NAME)
        if split is None:
            enter_new_root(interpreter, packages, toolchains)
        else:
            enter_split_root(split)
        show_code(code)

    if os.geteuid() == 0:
        unshare(_SHARED_BY_SAMPLES)
        enter_root()
        mount_proc()
        leave_old_root()
        seal_root()
        _fork_into_mapped_user_namespace(let_go, clean_up)
        # A mount namespace below the user namespace inherits its mounts locked: nobody inside can undo them.
        unshare(CLONE_NEWNS | CLONE_NEWPID)
        _fork_and_wait(let_go)
        mount_proc()
    else:
        # A user namespace where we are uid 0 and stand for nobody but ourselves.
        uid, gid = os.geteuid(), os.getegid()
        unshare(CLONE_NEWUSER | _SHARED_BY_SAMPLES)
        _write("/proc/self/setgroups", "deny")  # else the kernel lets no ordinary user map a group
        _write("/proc/self/uid_map", f"0 {uid} 1")
        _write("/proc/self/gid_map", f"0 {gid} 1")
        enter_root()
        unshare(CLONE_NEWPID)
        _fork_and_wait(let_go, clean_up)
        mount_proc()
        leave_old_root()
        seal_root()


def _fork_into_mapped_user_namespace(let_go: Callable[[], None], clean_up: Callable[[], None]) -> None:
    """Goes on in a child whose uid 0 is an unused uid outside; only the parent, still root, may write that map."""
    asked, ask = os.pipe()
    answered, answer = os.pipe()
    outside_id = _FIRST_OUTSIDE_ID + os.getpid()
    child = os.fork()
    if child:
        os.close(ask)
        if os.read(asked, 1):
            for kind in ("uid_map", "gid_map"):
                _write(f"/proc/{child}/{kind}", f"0 {outside_id} 1")
            os.write(answer, b"!")
        _wait_for(child, let_go, clean_up)
    unshare(CLONE_NEWUSER)
    os.write(ask, b"?")
    if not os.read(answered, 1):
        os._exit(1)
    for descriptor in (asked, ask, answered, answer):
        os.close(descriptor)
    os.setgroups([])
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    die_with_parent(signal.SIGKILL)


def _fork_and_wait(let_go: Callable[[], None], clean_up: Callable[[], None] = lambda: None) -> None:
    child = os.fork()
    if child:
        _wait_for(child, let_go, clean_up)
    die_with_parent(signal.SIGKILL)


def _wait_for(child: int, let_go: Callable[[], None], clean_up: Callable[[], None]) -> NoReturn:
    let_go()
    os.waitpid(child, 0)
    clean_up()
    os._exit(0)


def _write(path: str, text: str) -> None:
    """In one call, as the kernel wants it."""
    with open(path, "w") as file:
        file.write(text)
