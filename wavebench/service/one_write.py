"""Answers leave in one piece. uvicorn writes head and body of an answer apart, and each write is a system call that
wakes the client up."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class OneWriteProtocol(HttpToolsProtocol):
    """uvicorn's protocol over `OneWriteTransport`."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has connected."""
        super().connection_made(OneWriteTransport(transport))


class OneWriteTransport(asyncio.Transport):
    """Another transport, to which all that was written goes when the loop comes to its next turn, or at the end."""

    def __init__(self, inner: asyncio.Transport) -> None:
        super().__init__()
        self._inner = inner
        self._loop = asyncio.get_running_loop()
        self._parts: list[bytes | bytearray | memoryview] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Holds the data until the loop's next turn."""
        if not self._parts:
            self._loop.call_soon(self._flush)
        self._parts.append(data)

    def _flush(self) -> None:
        parts, self._parts = self._parts, []
        if parts and not self._inner.is_closing():
            self._inner.write(b"".join(parts))

    def close(self) -> None:
        """Closes once everything is written."""
        self._flush()
        self._inner.close()

    def abort(self) -> None:
        """Closes at once."""
        self._parts.clear()
        self._inner.abort()

    def is_closing(self) -> bool:
        """Whether it is closed or about to be."""
        return self._inner.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Facts of the connection."""
        return self._inner.get_extra_info(name, default)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Hands the connection over."""
        self._flush()
        self._inner.set_protocol(protocol)

    def pause_reading(self) -> None:
        """Nothing more is read until `resume_reading`."""
        self._inner.pause_reading()

    def resume_reading(self) -> None:
        """Reads on."""
        self._inner.resume_reading()
