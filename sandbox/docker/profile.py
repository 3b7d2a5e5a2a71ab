"""The hardening of a sandbox container: what the engine refuses to everything in it."""

import json
import socket
from typing import Any

from sandbox.walls.seccomp import refused_calls
from sandbox.walls.syscalls import machine

_SERVERS_NEED = {
    "unshare", "setns", "mount", "umount2", "pivot_root", "mount_setattr",  # a sample's own namespaces
    "chroot", "open_tree", "sethostname", "setdomainname",
    "socket", "connect",  # to reach the host process; of the local family only, see below
}  # fmt: skip
_ALSO_REFUSED = {
    "create_module", "get_kernel_syms", "query_module", "sysfs", "stime", "vm86", "vm86old", "umount", "mbind",
    "set_mempolicy",
}  # fmt: skip
"""Refused by Docker's own profile and not in the list for samples."""

_ARCHITECTURES = {"x86_64": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X32"], "aarch64": ["SCMP_ARCH_AARCH64"]}
"""x32 is named so that its calls meet the samples' filter, which says ENOSYS; unnamed, they would end the program."""

_MB = 1 << 20
_PROCESSES_PER_WORKER = 512
_MEMORY_PER_WORKER_MB = 4096
_LARGEST_MEMORY_SHARE = 0.9


def hardening(workers: int, machine_memory: int) -> dict[str, Any]:
    """Arguments of docker's `create_host_config`; `machine_memory` in bytes.

    No network, a read-only root, no capability, none to be gained, refused system calls, bounded memory and processes.
    All that can be written to is a small temporary folder.
    """
    memory = int(min(workers * _MEMORY_PER_WORKER_MB * _MB, _LARGEST_MEMORY_SHARE * machine_memory))
    return {
        "network_mode": "none",
        "ipc_mode": "none",
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": [
            "no-new-privileges",
            f"seccomp={json.dumps(seccomp_profile())}",
            "apparmor=unconfined",  # its default profile forbids the mounts of a sample's namespace
            "label=disable",  # so that SELinux lets the container reach the host's socket
        ],
        "pids_limit": (workers + 1) * _PROCESSES_PER_WORKER,
        "mem_limit": memory,
        "memswap_limit": memory,
        "tmpfs": {"/tmp": "rw,size=4m,mode=1777,noexec,nosuid,nodev"},
        "log_config": {"Type": "none"},
        "auto_remove": True,
    }


def unmasked_proc() -> dict[str, Any]:
    """Fields of the engine's HostConfig that the docker library has no words for.

    A kernel lets a user namespace mount a /proc of its own only where it sees an unmasked one; what Docker would mask
    belongs to root, which nobody in the container is.
    """
    return {"MaskedPaths": [], "ReadonlyPaths": []}


def seccomp_profile() -> dict[str, Any]:
    """A seccomp profile in Docker's format: the samples' list, less what their servers need to build their walls.

    The samples' own filter lies on top of it and refuses these too.
    """
    refused = sorted((refused_calls() | _ALSO_REFUSED) - _SERVERS_NEED)
    not_local = {"index": 0, "value": int(socket.AF_UNIX), "op": "SCMP_CMP_NE"}
    return {
        "defaultAction": "SCMP_ACT_ALLOW",
        "architectures": _ARCHITECTURES[machine()],
        "syscalls": [
            {"names": refused, "action": "SCMP_ACT_ERRNO"},
            {"names": ["socket"], "action": "SCMP_ACT_ERRNO", "args": [not_local]},
        ],
    }
