"""The namespace wall around one fork server: own user, mount, pid, network, ipc, uts and cgroup namespaces.

As root, uid 0 inside is an unused uid outside, which owns nothing. As an ordinary user, uid 0 inside is that user,
who sees only the read-only root. Either way no capability reaches beyond the namespaces.
"""

import os
import signal
from collections.abc import Callable, Sequence
from typing import NoReturn

from sandbox.filesystem import enter_new_root, leave_old_root, mount_proc, seal_root
from sandbox.kernel import (
    CLONE_NEWCGROUP,
    CLONE_NEWIPC,
    CLONE_NEWNET,
    CLONE_NEWNS,
    CLONE_NEWPID,
    CLONE_NEWUSER,
    CLONE_NEWUTS,
    die_with_parent,
    perform,
    setns_call,
    unshare,
    unshare_call,
)

_OUTSIDE_ID = 100000
"""The uid and gid outside that stand behind uid 0 inside when we are root; no account has them."""

_SHARED_BY_SAMPLES = CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP


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


def settle(
    interpreter: str,
    packages: dict[str, str],
    *,
    toolchains: Sequence[str] = (),
    code: str,
    let_go: Callable[[], None],
    clean_up: Callable[[], None],
) -> None:
    """Moves into namespaces of our own; returns only in the process that is pid 1 there.

    The processes left outside call `let_go`, wait for that process and end with it; the outermost calls `clean_up`
    last. Raises OSError naming the call that the kernel refused.
    """
    if os.geteuid() == 0:
        unshare(_SHARED_BY_SAMPLES)
        enter_new_root(interpreter, packages, toolchains, code)
        mount_proc()
        leave_old_root()
        seal_root()
        _fork_into_mapped_user_namespace(let_go, clean_up)
        unshare(CLONE_NEWNS | CLONE_NEWPID)
        _fork_and_wait(let_go)
        mount_proc()
    else:
        _map_ourselves()
        enter_new_root(interpreter, packages, toolchains, code)
        unshare(CLONE_NEWPID)
        _fork_and_wait(let_go, clean_up)
        mount_proc()
        leave_old_root()
        seal_root()


def _map_ourselves() -> None:
    """A user namespace where we are uid 0 and stand for nobody but ourselves."""
    uid, gid = os.geteuid(), os.getegid()
    unshare(CLONE_NEWUSER | _SHARED_BY_SAMPLES)
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"0 {uid} 1")
    _write("/proc/self/gid_map", f"0 {gid} 1")


def _fork_into_mapped_user_namespace(let_go: Callable[[], None], clean_up: Callable[[], None]) -> None:
    """Goes on in a child whose uid 0 is an unused uid outside; only the parent, still root, may write that map."""
    asked, ask = os.pipe()
    answered, answer = os.pipe()
    child = os.fork()
    if child:
        os.close(ask)
        if os.read(asked, 1):
            for kind in ("uid_map", "gid_map"):
                _write(f"/proc/{child}/{kind}", f"0 {_OUTSIDE_ID} 1")
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
