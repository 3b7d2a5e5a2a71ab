"""A server process behind walls, and the socket to it."""

import os
import select
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from sandbox.errors import SandboxError
from sandbox.frames import Role, encode_frame, read_frame, send_with_descriptors
from sandbox.outcome import Tier
from sandbox.packages import offered_packages
from sandbox.toolchain import ready_languages, shown_folders

_CODE = str(Path(__file__).resolve().parents[1])
_START = f"import sys; sys.path.insert(0, {_CODE!r}); from sandbox.fork_server import main; main()"
_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONUTF8": "1",
    "PYTHONHASHSEED": "0",  # the same program ends alike every time
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
_CLOSING_SECONDS = 10.0


class ConnectionLostError(Exception):
    """The server ended, or stayed silent for longer than it may."""


class Connection:
    """One server process, from its start to its end."""

    def __init__(self, tier: Tier, role: Role) -> None:
        self._socket, server_end = socket.socketpair()
        self._process = subprocess.Popen(
            [os.path.realpath(sys.executable), "-s", "-S", "-P", "-c", _START],
            stdin=server_end.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=_ENVIRONMENT,
            start_new_session=True,  # Ctrl-C is for the judge alone
        )
        server_end.close()
        setup = {"role": role, "tier": tier, "code": _CODE, "interpreter": sys.base_prefix}
        setup |= {"packages": offered_packages(), "toolchains": shown_folders(), "languages": ready_languages()}
        self._socket.sendall(encode_frame(setup))
        try:
            answer = self.receive()
        except ConnectionLostError:
            answer = {"failed": "the fork server ended at once"}
        if "failed" in answer:
            self.close()
            raise SandboxError(
                f"The kernel refused a wall of the sandbox ({answer['failed']}); "
                "`wavebench doctor` says which and what to do, and `--sandbox none` runs trusted code without walls."
            )
        self.walls = {name: bool(held) for name, held in answer.items()}

    def fileno(self) -> int:
        """The socket, for a selector."""
        return self._socket.fileno()

    def send(self, message: dict[str, Any], *descriptors: int) -> None:
        """Sends a small message with its descriptors. Raises ConnectionLostError."""
        try:
            send_with_descriptors(self._socket, message, list(descriptors))
        except OSError as error:
            raise ConnectionLostError from error

    def receive(self, patience_seconds: float | None = None) -> dict[str, Any]:
        """The next message. Raises ConnectionLostError."""
        if patience_seconds is not None and not _readable(self._socket, patience_seconds):
            raise ConnectionLostError
        message = read_frame(self._socket.fileno())
        if message is None:
            raise ConnectionLostError
        return message

    def close(self) -> None:
        """Ends the server and everything it started."""
        self._socket.close()
        try:
            self._process.wait(timeout=_CLOSING_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _readable(channel: socket.socket, seconds: float) -> bool:
    poll = select.poll()
    poll.register(channel, select.POLLIN)
    return bool(poll.poll(seconds * 1000))
