"""A real OpenAI-compatible HTTP server whose answers a function writes; tests start it on a free port."""

import json
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Script = Callable[[str, str], "Reply"]
"""(system text, user text) of a request to a reply."""


class Reply:
    """One answer of the server."""

    def __init__(self, text: str = "", *, status: int = 200, finish: str = "stop", seconds: float = 0.0) -> None:
        self.text, self.status, self.finish, self.seconds = text, status, finish, seconds


class Log:
    """What the server saw."""

    def __init__(self) -> None:
        self.prompts: list[tuple[str, str]] = []
        self.bodies: list[dict[str, Any]] = []
        self.lock = threading.Lock()


@contextmanager
def serve(script: Script) -> Generator[tuple[str, Log]]:
    """Yields the base address and the log."""
    log = Log()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            said = [message["content"] for message in body["messages"][:2]]
            system, user = ["", *said][-2:]
            with log.lock:
                log.prompts.append((system, user))
                log.bodies.append(body)
            reply = script(system, user)
            time.sleep(reply.seconds)
            self._answer(reply)

        def _answer(self, reply: Reply) -> None:
            message = {"role": "assistant", "content": reply.text}
            choice: dict[str, Any] = {"index": 0, "message": message, "finish_reason": reply.finish}
            whole: dict[str, Any] = {"id": "1", "object": "chat.completion", "created": 0, "model": "scripted"}
            whole |= {"choices": [choice], "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}}
            data = json.dumps(whole if reply.status == 200 else {"error": {"message": reply.text or "busy"}}).encode()
            self.send_response(reply.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 (the base class names it)
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1", log
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
