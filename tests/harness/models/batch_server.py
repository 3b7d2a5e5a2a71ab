"""The faulty server with a batch API: files go up, batches end when the test says so, answers come in no order."""

import json
import random
import re
from email.parser import BytesParser
from typing import Any

from tests.harness.models.faulty_server import FaultyServer, Handler, Plan, answer_to, never


class BatchServer(FaultyServer):
    """`faults` befall every other request, of whatever kind, while there are any."""

    def __init__(self, plan: Plan = never) -> None:
        super().__init__(plan, handler=_BatchHandler)
        self.beyond = ""
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.ends_as = "completed"
        """What becomes of a batch when it is looked at: "completed", "expired" after half its answers, or a state."""
        self.truncated = 0
        """How often a file of answers is cut short."""
        self.broken = 0
        """How many requests from now on are answered with 500."""
        self.forgets_to_reply = False
        """Makes a batch and never says so."""
        self.luck = random.Random(3)


class _BatchHandler(Handler):
    server: BatchServer  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_POST(self) -> None:  # noqa: N802 - the library's name
        if self.path not in ("/v1/files", "/v1/batches"):
            super().do_POST()
            return
        body = self.rfile.read(int(self.headers["content-length"]))
        if self._is_broken():
            return
        server = self.server
        if self.path == "/v1/files":
            name = f"file-{len(server.files)}"
            server.files[name] = _uploaded(self.headers["content-type"], body)
            self._json({"id": name, "object": "file", "purpose": "batch", "filename": "x", "bytes": 1, "created_at": 1})
            return
        wish = json.loads(body)
        name = f"batch-{len(server.batches)}"
        server.batches[name] = {"id": name, "object": "batch", "status": "in_progress", "created_at": 100, **wish}
        if server.forgets_to_reply:
            server.released.wait(30)
            self.close_connection = True
            return
        self._json(server.batches[name])

    def do_GET(self) -> None:  # noqa: N802 - the library's name
        if self._is_broken():
            return
        server = self.server
        path = self.path.partition("?")[0]
        if path == "/v1/batches":
            self._json({"object": "list", "data": list(server.batches.values()), "has_more": False})
        elif found := re.fullmatch(r"/v1/files/(.+)/content", path):
            content = server.files[found[1]]
            if server.truncated:
                server.truncated -= 1
                content = content[: len(content) // 2]
            self._send(200, content)
        else:
            batch = server.batches[path.rpartition("/")[2]]
            self._end(batch)
            self._json(batch)

    def _end(self, batch: dict[str, Any]) -> None:
        server = self.server
        if batch["status"] != "in_progress" or server.ends_as == "in_progress":
            return
        wishes = [json.loads(line) for line in server.files[batch["input_file_id"]].splitlines()]
        server.luck.shuffle(wishes)
        kept = wishes[: len(wishes) // 2] if server.ends_as == "expired" else wishes
        lines = [
            {"custom_id": wish["custom_id"], "response": _response(wish, server.beyond), "error": None} for wish in kept
        ]
        errors = [
            {
                "custom_id": wish["custom_id"],
                "response": None,
                "error": {"code": "batch_expired", "message": "too late"},
            }
            for wish in wishes[len(kept) :]
        ]
        batch |= {"status": server.ends_as, "completed_at": 160}
        for name, rows in (("output_file_id", lines), ("error_file_id", errors)):
            if rows:
                batch[name] = f"{batch['id']}-{name}"
                server.files[batch[name]] = "".join(json.dumps(row) + "\n" for row in rows).encode()

    def _is_broken(self) -> bool:
        if not self.server.broken:
            return False
        self.server.broken -= 1
        self._send(500, b"{}", {"retry-after-ms": "10"})
        return True

    def _json(self, whole: dict[str, Any]) -> None:
        self._send(200, json.dumps(whole).encode())


def _response(wish: dict[str, Any], beyond: str) -> dict[str, Any]:
    """Of one request; those that hold the words `beyond` do not fit into the model's context."""
    if beyond and beyond in str(wish):
        message = "This model's maximum context length is 64 tokens. Please reduce the length of the messages."
        return {"status_code": 400, "body": {"error": {"message": message, "code": "context_length_exceeded"}}}
    return {"status_code": 200, "body": _body(wish)}


def _body(wish: dict[str, Any]) -> dict[str, Any]:
    kind = "chat.completion" if "messages" in wish["body"] else "text_completion"
    return answer_to(wish["body"]) | {"object": kind}


def _uploaded(content_type: str, body: bytes) -> bytes:
    """The file within a multipart form."""
    form = BytesParser().parsebytes(b"content-type: " + content_type.encode() + b"\r\n\r\n" + body)
    for part in form.walk():
        if part.get_filename():
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            return content
    raise AssertionError("no file in the form")
