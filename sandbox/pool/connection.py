"""The socket to a server, and how a server is started that ends at once."""

from functools import partial
from typing import Any

from sandbox.errors import SandboxError
from sandbox.pool.host import Host
from sandbox.wire.frames import Role, read_report, send_with_descriptors
from sandbox.wire.texts import read_bytes


class ConnectionLostError(Exception):
    """The server ended, or gave no answer for longer than allowed."""


_STARTS = 3
"""How often a server is started that ends without a message: somebody killed it, or memory ran out."""


class Connection:
    """One server process, from its start to its end. Many may start at once; wait for each before using it."""

    def __init__(self, host: Host, role: Role, processor: int | None = None) -> None:
        self._start = partial(host.start, role, processor)
        self._socket, self._process = self._start()
        self.walls: dict[str, bool] = {}
        """Which limits the kernel's control groups enforce; empty until the server is ready."""

    def wait_until_ready(self) -> None:
        """Returns once the server has put up its walls. Raises SandboxError."""
        if self.walls:
            return
        answer: dict[str, Any] = {}
        for starts in range(1, _STARTS + 1):
            try:
                answer = self.receive()
                break
            except ConnectionLostError:
                self.close()
                answer = {"failed": f"the fork server ended at once, {_STARTS} times"}
            if starts < _STARTS:
                self._socket, self._process = self._start()
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

    def receive(self) -> dict[str, Any]:
        """The next message. Raises ConnectionLostError."""
        message = read_report(self._socket.fileno())
        if message is None:
            raise ConnectionLostError
        return message

    def receive_bytes(self) -> bytes:
        """The raw bytes that follow a message. Raises ConnectionLostError."""
        data = read_bytes(self._socket.fileno())
        if data is None:
            raise ConnectionLostError
        return data

    def close(self) -> None:
        """Ends the server and everything it started."""
        self._socket.close()
        self._process.end()
