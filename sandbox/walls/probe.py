"""What this machine's kernel grants: each wall tried by itself, with the remedy where it is refused."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sandbox.walls.cgroups import make_group
from sandbox.walls.check_result import CheckResult
from sandbox.walls.mounts import MS_PRIVATE, MS_REC, bind_read_only, mount
from sandbox.walls.seccomp import sample_filter, server_filter, supported
from sandbox.walls.syscalls import (
    CLONE_NEWIPC,
    CLONE_NEWNET,
    CLONE_NEWNS,
    CLONE_NEWPID,
    CLONE_NEWUSER,
    CLONE_NEWUTS,
    filter_call,
    forbid_new_privileges,
    perform,
    unshare,
)

_CODE = str(Path(__file__).resolve().parents[2])
_USER_NAMESPACES = (
    "as root: sysctl -w user.max_user_namespaces=15000 kernel.unprivileged_userns_clone=1, on Ubuntu also "
    "kernel.apparmor_restrict_unprivileged_userns=0; in a container start it with --security-opt seccomp=unconfined "
    "--security-opt apparmor=unconfined, or use --sandbox docker"
)
_OTHER_NAMESPACES = CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS
_CONTROL_GROUPS = (
    "run as root, or inside `systemd-run --user --scope -p Delegate=yes`; until then rlimits hold the sample instead"
)


def probe() -> list[CheckResult]:
    """Tries every wall in a process of its own, so that nothing of the caller changes."""
    if sys.platform != "linux":
        return [
            CheckResult("Linux", ok=False, needed=True, detail=sys.platform, remedy="use a Linux machine or a Linux VM")
        ]
    code = f"import sys; sys.path.insert(0, {_CODE!r}); from sandbox.walls.probe import main; main()"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return [CheckResult(**row) for row in json.loads(ran.stdout)]


def main() -> None:
    """Prints the checks as JSON; run by `probe` in a process of its own."""
    rows = [
        {"name": name, "ok": not error, "needed": needed, "detail": error, "remedy": remedy if error else ""}
        for name, needed, attempt, remedy in _ATTEMPTS
        for error in [_error_of(attempt)]
    ]
    sys.stdout.write(json.dumps(rows))


def _error_of(attempt: Callable[[], None]) -> str:
    """What went wrong in a child that made the attempt; empty when nothing did."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            attempt()
        except Exception as error:
            os.write(writer, str(error).encode() or b"refused")
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as file:
        error = file.read()
    _, status = os.waitpid(child, 0)
    return error or (f"ended with status {status}" if status else "")


def _in_user_namespace(flags: int) -> None:
    """Root may make the other namespaces directly; everybody else first becomes root of a user namespace."""
    unshare(flags if os.geteuid() == 0 else flags | CLONE_NEWUSER)


def _pid_namespace() -> None:
    _in_user_namespace(CLONE_NEWPID)
    child = os.fork()
    if child == 0:
        os._exit(0 if os.getpid() == 1 else 1)
    if os.waitpid(child, 0)[1]:
        raise OSError("the child was not pid 1")


def _private_tmpfs() -> None:
    _in_user_namespace(CLONE_NEWNS)
    mount("none", "/", "", MS_REC | MS_PRIVATE)
    mount("tmpfs", "/tmp", "tmpfs", 0, "size=1m")
    bind_read_only("/tmp")


def _system_call_filter() -> None:
    if not supported():
        raise OSError(f"no system-call table for {os.uname().machine}")
    forbid_new_privileges()
    perform([filter_call(server_filter()), filter_call(sample_filter())])
    try:
        unshare(CLONE_NEWUSER)
    except PermissionError:
        return
    raise OSError("the filter let a refused call through")


def _group_limits(meaning: str) -> None:
    group = make_group()
    try:
        if meaning not in group.files:
            raise OSError("no control group of ours can limit it")
    finally:
        group.remove()


_ATTEMPTS: list[tuple[str, bool, Callable[[], None], str]] = [
    ("user namespace", True, lambda: unshare(CLONE_NEWUSER), _USER_NAMESPACES),
    ("pid namespace", True, _pid_namespace, _USER_NAMESPACES),
    ("network, ipc and uts namespaces", True, partial(_in_user_namespace, _OTHER_NAMESPACES), _USER_NAMESPACES),
    ("mount namespace with a private tmpfs", True, _private_tmpfs, f"Linux 5.12 or newer; {_USER_NAMESPACES}"),
    ("system-call filter", True, _system_call_filter, "a kernel with CONFIG_SECCOMP_FILTER on x86_64 or aarch64"),
    ("pidfd", True, lambda: os.close(os.pidfd_open(os.getpid())), "Linux 5.3 or newer"),
    ("memory control group", False, partial(_group_limits, "memory"), _CONTROL_GROUPS),
    ("process control group", False, partial(_group_limits, "processes"), _CONTROL_GROUPS),
]  # fmt: skip
