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
"""Has the linker look up every function as a server starts, and none in each of its samples anew."""

_CODE = str(Path(__file__).resolve().parents[2])
_START = f"import sys; sys.path.insert(0, {_CODE!r}); from sandbox.fork_server import main; main()"
_CLOSING_SECONDS = 10.0


class ServerProcess(Protocol):
    """A server that was started, as its maker can reach it."""

    def end(self) -> None:
        """Returns once it has ended, which it does by itself as its socket closes; kills it where it does not."""
        ...


class Host(Protocol):
    """Starts servers, and holds what they share."""

    @property
    def tier(self) -> Tier: ...

    def start(self, role: Role, processor: int | None) -> tuple[socket.socket, ServerProcess]:
        """A new server and the socket to it, on which it will say whether its walls are up. Raises SandboxError.

        It stays on `processor`; None leaves that to the kernel.
        """
        ...

    def facts(self) -> Mapping[str, str]:
        """Versions of what programs run with, for the manifest."""
        ...

    def close(self) -> None:
        """Ends what the servers shared; they have ended before."""
        ...


class ThisMachine:
    """Every server is a process of its own, started from the judge's interpreter."""

    def __init__(self, tier: Tier) -> None:
        self._tier = tier
        self._planned: Shown | None = None

    @property
    def tier(self) -> Tier:
        return self._tier

    def start(self, role: Role, processor: int | None) -> tuple[socket.socket, ServerProcess]:
        judge_end, server_end = socket.socketpair()
        with server_end:
            process = subprocess.Popen(
                [os.path.realpath(sys.executable), "-s", "-S", "-P", "-c", _START],
                stdin=server_end.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=SERVER_ENVIRONMENT,
                start_new_session=True,  # Ctrl-C is for the judge alone
            )
        setup = {
            "role": role,
            "processor": processor,
            "tier": self._tier,
            "code": _CODE,
            "interpreter": sys.base_prefix,
            "packages": offered_packages(),
            "split_root": self._split_root() if role is Role.TESTER and self._tier is not Tier.NONE else None,
            "toolchains": shown_folders(),
            "languages": ready_languages(),
        }
        with suppress(ConnectionError):  # a server that is gone already does not answer, which tells
            judge_end.sendall(encode_frame(setup))
        return judge_end, _ServerChild(process)

    def _split_root(self) -> Shown:
        if self._planned is None:
            self._planned = plan_split_root(offered_packages())
        return self._planned

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
