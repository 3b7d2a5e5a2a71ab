"""Pid 1 of a sandbox container: forks a fork server for every request of the host process, and ends when that does.

It runs as an ordinary user without capabilities, has everything imported that servers need, and so starts one in
milliseconds. It speaks over one connection, made by itself to the host's socket: nobody else can ask it for anything.
"""

import contextlib
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from sandbox.fork_server import serve
from sandbox.outcome import Tier
from sandbox.toolchains.installed import ready_languages, shown_folders, toolchain_facts
from sandbox.toolchains.packages import offered_packages
from sandbox.walls.cgroups import Group
from sandbox.walls.split_root import plan_split_root
from sandbox.wire.frames import receive_with_descriptors, send_with_descriptors, write_frame

SHARED = "/wavebench"
"""The host's folder, read-only here: our code, and the socket to the host process."""
CODE = f"{SHARED}/code"
SOCKET = f"{SHARED}/host.sock"
CODE_COPY = "/tmp/code"
"""Our code once more: the host's folder is gone when the container has started, and zygotes start from files."""
TOOLCHAINS = "/opt/wavebench"
"""The cache folder of the image, where its toolchains were built."""

_INSTALLED_PACKAGES = ("/usr/lib/python3/dist-packages", "/usr/local/lib/python3/dist-packages")
_MOST_DESCRIPTORS = 64
_MEMORY_EVENTS = ("/sys/fs/cgroup/memory/memory.oom_control", "/sys/fs/cgroup/memory.events")
"""Where a container may read how often its own memory limit struck; control groups v1 and v2."""

Wire = dict[str, Any]


def main() -> None:
    """Serves until the host process hangs up; the engine then ends whatever is left of the container."""
    host = socket.socket(socket.AF_UNIX)
    host.connect(SOCKET)
    _copy_code()
    setup, facts = _look_around()
    write_frame(host.fileno(), facts)
    while arrived := receive_with_descriptors(host, _MOST_DESCRIPTORS):
        request, descriptors = arrived
        with contextlib.suppress(ChildProcessError):  # servers that have ended since
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        child = os.fork()
        if child == 0:
            host.close()
            _become_server(
                {**setup, "role": request["role"], "processor": request["processor"]}, request["groups"], descriptors
            )
        # The host gets a descriptor of the server, to wait for its end; none when it is over already.
        handed: list[int] = []
        with contextlib.suppress(ProcessLookupError):
            handed.append(os.pidfd_open(child))
        send_with_descriptors(host, {}, handed)
        for descriptor in (*handed, *descriptors):
            os.close(descriptor)


def pack_groups(groups: list[Group]) -> tuple[list[Wire], list[int]]:
    """Control groups as a message and the descriptors beside it."""
    wires = [{"files": list(group.files), "joins": len(group.join_descriptors)} for group in groups]
    return wires, [number for group in groups for number in (*group.files.values(), *group.join_descriptors)]


def unpack_groups(wires: list[Wire], descriptors: list[int]) -> Iterator[Group]:
    """What `pack_groups` packed, at the other end of the socket."""
    numbers = iter(descriptors)
    for wire in wires:
        files = {meaning: next(numbers) for meaning in wire["files"]}
        yield Group(files=files, join_descriptors=[next(numbers) for _ in range(wire["joins"])])


def _copy_code() -> None:
    """Takes the modules of this package into the container's own memory."""
    for file in Path(CODE).rglob("*.py"):
        copy = CODE_COPY / file.relative_to(CODE)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    sys.path[sys.path.index(CODE)] = CODE_COPY


def _look_around() -> tuple[Wire, Wire]:
    """What servers of this image must know, and the facts for the host."""
    os.environ.pop("HOSTNAME", None)  # the engine's addition
    os.environ["WAVEBENCH_CACHE"] = TOOLCHAINS
    sys.path += _INSTALLED_PACKAGES
    rows: dict[str, Wire] = {**ready_languages()}
    for name, row in rows.items():
        if "missing" in row:  # a toolchain that is missing here needs another image
            what = row["missing"].partition("; ")[0]
            remedy = "`scripts/build-sandbox-image.sh languages` makes one that has it."
            rows[name] = {"missing": f"{what} (sandbox image); {remedy}"}
    setup = {
        "tier": Tier.DOCKER,
        "code": CODE_COPY,
        "interpreter": sys.base_prefix,
        "packages": offered_packages(),
        "split_root": plan_split_root(offered_packages()),
        "toolchains": shown_folders(),
        "languages": rows,
    }
    facts = toolchain_facts()
    for folder in _INSTALLED_PACKAGES:
        sys.path.remove(folder)
    del os.environ["WAVEBENCH_CACHE"]
    return setup, facts


def _become_server(setup: Wire, wires: list[Wire], descriptors: list[int]) -> NoReturn:
    try:
        os.dup2(descriptors[0], 0)
        os.close(descriptors[0])
        groups = list(unpack_groups(wires, descriptors[1:]))
        if not groups[0].limits_memory:  # samples then meet the container's limit: its counter tells that from others
            for path in _MEMORY_EVENTS:
                with contextlib.suppress(OSError):
                    groups[0].files["events"] = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        serve(setup, groups)
    finally:
        os._exit(0)
