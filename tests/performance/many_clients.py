"""Many clients of an HTTP server in one thread, as cheap as they can be: what they cost the machine, a server lacks.

Requests are bytes that were made before; answers are read as far as their length says, and looked at by the caller.
"""

import json
import selectors
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

_READ_BYTES = 1 << 18
_END_OF_HEAD = b"\r\n\r\n"


def post_request(path: str, body: Any) -> bytes:
    """A request whose connection stays open."""
    text = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(text)}"
    return head.encode() + _END_OF_HEAD + text


def ask_all(address: str, requests: Sequence[bytes], clients: int) -> list[bytes]:
    """The bodies of the answers, in the order of the requests. Raises RuntimeError for any status but 200."""
    host, _, port = address.partition(":")
    answers: dict[int, bytes] = {}
    left = iter(enumerate(requests))
    with selectors.DefaultSelector() as selector:
        for _ in range(min(clients, len(requests))):
            connection = socket.create_connection((host, int(port)))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client = _Client(connection, left)
            selector.register(connection, selectors.EVENT_READ, client)
            client.send_next()
        while len(answers) < len(requests):
            for ready, _ in selector.select():
                client: _Client = ready.data
                if (body := client.read()) is not None:
                    answers[client.number] = body
                    client.send_next()
        for ready in list(selector.get_map().values()):
            ready.data.connection.close()
    return [answers[number] for number in range(len(requests))]


@dataclass
class _Client:
    connection: socket.socket
    left: Iterator[tuple[int, bytes]]
    """What no client has sent yet."""
    number: int = -1
    """Of the request that it waits for."""
    arrived: bytes = b""

    def send_next(self) -> None:
        if following := next(self.left, None):
            self.number, request = following
            self.arrived = b""
            self.connection.sendall(request)

    def read(self) -> bytes | None:
        """The body; None until it is complete."""
        part = self.connection.recv(_READ_BYTES)
        if not part:
            raise RuntimeError(f"the server closed a connection after {self.arrived!r}")
        self.arrived += part
        head, mark, body = self.arrived.partition(_END_OF_HEAD)
        if not mark:
            return None
        lines = head.lower().split(b"\r\n")
        [length] = [int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length:")]
        if len(body) < length:
            return None
        if not lines[0].startswith(b"http/1.1 200 "):
            raise RuntimeError(self.arrived.decode(errors="replace"))
        return body
