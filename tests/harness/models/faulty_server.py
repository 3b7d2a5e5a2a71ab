"""A real HTTP server that speaks the OpenAI protocol and fails in the ways that servers fail."""

import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class Fault(StrEnum):
    NONE = "none"
    RATE_LIMITED = "429 with Retry-After"
    BROKEN = "500"
    HANGS = "no reply at all"
    TRUNCATED = "half of the JSON, closed properly"
    CUT_OFF = "the connection is reset within the body"
    DROPPED = "the connection is closed before a reply"
    SLOW = "the body comes in small pieces"
    HTML = "a proxy's page, with status 200"
    REFUSES_KEY = "401"
    UNKNOWN_MODEL = "404"
    NO_QUOTA = "429 that will not pass"
    EMPTY = "an answer without text"
    REFUSAL = "an answer that refuses"
    FILTERED = "an answer cut by the content filter"
    TOO_LONG = "an answer at its token limit"


ERRORS: dict[Fault, tuple[int, str, str | None]] = {
    Fault.RATE_LIMITED: (429, "slow down", None),
    Fault.BROKEN: (500, "out of order", None),
    Fault.NO_QUOTA: (429, "you have no money left", "insufficient_quota"),
    Fault.REFUSES_KEY: (401, "Incorrect API key provided: {key}", None),
    Fault.UNKNOWN_MODEL: (404, "no such model", None),
}
Plan = Callable[[int, dict[str, Any]], Fault]
"""Which fault befalls a request: (number of earlier requests, its JSON) -> fault."""


def never(_number: int, _body: dict[str, Any]) -> Fault:
    return Fault.NONE


def always(fault: Fault) -> Plan:
    return lambda _number, _body: fault


def at_first(fault: Fault) -> Plan:
    return lambda number, _body: fault if number == 0 else Fault.NONE


class FaultyServer(ThreadingHTTPServer):
    """Answers every prompt with `answer to PROMPT`; keeps what it was sent."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(
        self,
        plan: Plan = never,
        retry_after: dict[str, str] | None = None,
        handler: "type[Handler] | None" = None,
        most_at_once: int = 1000,
    ) -> None:
        """More requests than `most_at_once` at a time are refused as too many."""
        super().__init__(("127.0.0.1", 0), handler or Handler)
        self.bears = most_at_once
        self.refused = 0
        self.plan = plan
        self.retry_after = retry_after if retry_after is not None else {"retry-after-ms": "20"}
        self.bodies: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.keys: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.arrivals: list[float] = []
        self.at_once = 0
        self.most_at_once = 0
        self.lock = threading.Lock()
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gave up is part of the game."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FaultyServer  # pyright: ignore[reportIncompatibleVariableOverride] - narrower than the library's

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        server = self.server
        with server.lock:
            number = len(server.bodies)
            server.bodies.append(body)
            server.paths.append(self.path)
            server.keys.append(self.headers.get("authorization", ""))
            server.headers.append({name.lower(): value for name, value in self.headers.items()})
            server.arrivals.append(time.monotonic())
            server.at_once += 1
            server.most_at_once = max(server.most_at_once, server.at_once)
            is_full = server.at_once > server.bears
            server.refused += is_full
        try:
            self._reply(Fault.RATE_LIMITED if is_full else server.plan(number, body), body)
        finally:
            with server.lock:
                server.at_once -= 1

    def _reply(self, fault: Fault, body: dict[str, Any]) -> None:
        whole = json.dumps(answer_to(body, fault)).encode()
        match fault:
            case _ if fault in ERRORS:
                status, message, code = ERRORS[fault]
                key = self.headers.get("authorization")
                self._send(status, _error(message.format(key=key), code), self.server.retry_after)
            case Fault.HANGS:
                self.server.released.wait(30)
                self.close_connection = True
            case Fault.TRUNCATED:
                self._send(200, whole[: len(whole) // 2])
            case Fault.CUT_OFF | Fault.DROPPED:
                if fault == Fault.CUT_OFF:
                    self._head(200, len(whole))
                    self.wfile.write(whole[: len(whole) // 2])
                self._reset()
            case Fault.SLOW:
                self._head(200, len(whole))
                for start in range(0, len(whole), 64):
                    self.wfile.write(whole[start : start + 64])
                    time.sleep(0.005)
            case Fault.HTML:
                self._send(200, b"<html>please log in</html>", {"content-type": "text/html"})
            case _:
                self._send(200, whole)

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self._head(status, len(body), headers)
        self.wfile.write(body)

    def _head(self, status: int, length: int, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (
            {"content-type": "application/json", "content-length": str(length)} | (headers or {})
        ).items():
            self.send_header(name, value)
        self.end_headers()

    def _reset(self) -> None:
        """A reset, not a polite end: linger 0 sends RST."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        pass


def answer_to(body: dict[str, Any], fault: Fault = Fault.NONE) -> dict[str, Any]:
    """The reply of the protocol, for both end points."""
    chat = "messages" in body
    text = "answer to " + (body["messages"][-1]["content"] if chat else body["prompt"])
    reasons = {Fault.TOO_LONG: "length", Fault.FILTERED: "content_filter"}
    choice: dict[str, Any] = {"index": 0, "finish_reason": reasons.get(fault, "stop")}
    if fault in (Fault.EMPTY, Fault.FILTERED):
        text = ""
    if chat:
        choice["message"] = {"role": "assistant", "content": text}
        if fault == Fault.REFUSAL:
            choice["message"] |= {"content": None, "refusal": "I cannot help with that."}
    else:
        choice["text"] = text
    usage = {"prompt_tokens": 7, "completion_tokens": len(text.split()), "total_tokens": 7 + len(text.split())}
    return {"id": "x", "object": "x", "created": 0, "model": body["model"], "choices": [choice], "usage": usage}


def _error(message: str, code: str | None = None) -> bytes:
    return json.dumps({"error": {"message": message, "code": code, "type": "x", "param": None}}).encode()
