"""Where the servers of a sandbox run: on this machine, or in a container on it."""

import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from sandbox.outcome import Tier
from sandbox.toolchains.installed import ready_languages, shown_folders, toolchain_facts
from sandbox.toolchains.packages import offered_packages
from sandbox.walls.split_root import Shown, plan_split_root
from sandbox.wire.frames import Role, encode_frame

ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONUTF8": "1",
    "PYTHONHASHSEED": "0",  # the same program ends alike every time
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
"""All that programs see of any environment."""
SERVER_ENVIRONMENT = {**ENVIRONMENT, "LD_BIND_NOW": "1"}
"""Makes the linker look up every function when a server starts, instead of again in each of its samples."""

_CODE = str(Path(__file__).resolve().parents[2])
_START = f"import sys; sys.path.insert(0, {_CODE!r}); from sandbox.fork_server import main; main()"
_CLOSING_SECONDS = 10.0


class ServerProcess(Protocol):
    """A server as the code that started it sees it."""

    def end(self) -> None:
        """Returns once the server has ended. It ends by itself when its socket closes, and is killed if it does not."""
        ...


class Host(Protocol):
    """Starts servers, and owns what they share."""

    @property
    def tier(self) -> Tier: ...

    def start(self, role: Role, processor: int | None) -> tuple[socket.socket, ServerProcess]:
        """A new server and the socket to it; its first message there says whether its walls are up.

        It stays on `processor`; None leaves that to the kernel. Raises SandboxError.
        """
        ...

    def facts(self) -> Mapping[str, str]:
        """Versions of what programs run with, for the manifest."""
        ...

    def close(self) -> None:
        """Ends what the servers shared; call it after they have ended."""
        ...


class ThisMachine:
    """Starts every server as a process of its own, with the interpreter of the host process."""

    def __init__(self, tier: Tier) -> None:
        self._tier = tier
        self._split_root: Shown | None = None
        """What testers see of the file system; planned with the first tester, as that takes a while."""

    @property
    def tier(self) -> Tier:
        return self._tier

    def start(self, role: Role, processor: int | None) -> tuple[socket.socket, ServerProcess]:
        host_end, server_end = socket.socketpair()
        with server_end:
            process = subprocess.Popen(
                # No site packages, nothing from the current folder: a server needs the standard library and `sandbox`.
                [os.path.realpath(sys.executable), "-s", "-S", "-P", "-c", _START],
                stdin=server_end.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=SERVER_ENVIRONMENT,
                start_new_session=True,  # Ctrl-C is for the host process alone
            )
        if role is Role.TESTER and self._tier is not Tier.NONE and self._split_root is None:
            self._split_root = plan_split_root(offered_packages())
        setup = {
            "role": role,
            "processor": processor,
            "tier": self._tier,
            "code": _CODE,
            "interpreter": sys.base_prefix,
            "packages": offered_packages(),
            "split_root": self._split_root if role is Role.TESTER else None,
            "toolchains": shown_folders(),
            "languages": ready_languages(),
        }
        with suppress(ConnectionError):  # a server that has ended already is noticed when it gives no answer
            host_end.sendall(encode_frame(setup))
        return host_end, _ServerChild(process)

    def facts(self) -> Mapping[str, str]:
        return toolchain_facts()

    def close(self) -> None:
        """Nothing is shared."""


class _ServerChild:
    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def end(self) -> None:
        try:
            self._process.wait(timeout=_CLOSING_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
