"""A real HTTP server that speaks the OpenAI protocol and fails in the ways that servers fail."""

import codecs
import gzip
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping
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
    PARTS = "content as a list of parts"
    THINKING_PART = "content as a list, one part of it a thought"
    THINKING_ONLY = "reasoning_content alone, at the token limit"
    REASONING = "reasoning beside the text"
    REASONING_CONTENT = "reasoning_content beside the text, and its tokens counted"
    HALF_CHARACTER = "half of a surrogate pair"
    NO_USAGE = "no usage"
    NULL_USAGE = "usage without numbers"
    NO_CONTENT = "content null, and no refusal"
    NUMBER = "a number as content"
    NO_CHOICES = "an empty list of choices"
    ERROR_IN_200 = "an error with status 200"
    EVENT_STREAM = "an event stream that nobody asked for"
    NOT_UTF8 = "a reply in Latin-1"
    DEEP = "JSON nested too deeply"
    NO_BODY = "status 200 without a body"
    BAD_GZIP = "a body that is not what its encoding says"
    TOO_SHORT = "a body shorter than its content-length"
    OVERLOADED = "503"
    SITE_OVERLOADED = "529"
    BAD_GATEWAY = "502 with a proxy's page"
    GATEWAY_TIMEOUT = "504 without a body"
    REDIRECTS = "redirects without end"
    FORBIDDEN = "403"
    OTHER_REFUSAL = "400 for a reason of its own"
    BEYOND_CONTEXT = "400, the prompt is beyond the context"
    NO_ROOM = "400, the prompt fills the context"
    LITTLE_ROOM = "400, prompt and new tokens are beyond the context"
    NO_SEED = "422, refuses seed as an extra field"
    NO_TEMPERATURE = "400, refuses temperature 0"
    FIXED_TEMPERATURE = "400, allows temperature 1 alone"
    DEPRECATED = "400, calls temperature deprecated"
    OTHER_LIMIT = "400, wants max_completion_tokens"
    NO_EXTRAS = "422, names the fields that it does not expect"
    OWN_SETTINGS = "decodes by settings of its own where the request leaves a field out"
    THINKS_BY_OWN_SETTINGS = "the same, and has only thought when the tokens end"
    COUNTS = "counts the words of a prompt"
    CUTS_PROMPTS = "cuts prompts to 50 words in silence"
    OTHER_MODEL = "another model than was asked"
    STRICT = "400 without a word, while there are extra fields"
    BLANK = "a text of blanks alone"
    TOOL_CALL = "a tool call in place of content"
    REFUSAL_PART = "content as a list, its only part a refusal"
    TEXT_PARTS = "content as a list of texts"
    REASONING_DETAILS = "reasoning_details alone, as OpenRouter names them"
    ODD_REASONING = "reasoning that is an object"
    OTHER_CUT = "an answer at its token limit, in Anthropic's word"
    SAFETY = "an answer stopped by a filter, in Google's word"
    ABORTED = "finish_reason abort"
    CHOICE_ERROR = "an error within the choice, as OpenRouter passes it on"
    NO_REASON = "finish_reason null"
    TWICE = "the same choice twice"
    NEGATIVE_USAGE = "negative numbers of tokens"
    TRUE_USAGE = "true and NaN as numbers of tokens"
    LIST_USAGE = "usage as a list"
    BYTE_ORDER_MARK = "a byte order mark before the JSON"
    HUGE_NUMBER = "a number of 5,000 digits"
    CHUNKS_CUT = "a chunked body that ends within a chunk"
    CUT_GZIP = "a gzip body that ends early"
    AWAY = "a redirect to another server, where nobody listens"
    DRIPS = "a byte in a while, for ever"
    NO_SUCH_PAUSE = "429 with a Retry-After beyond every calendar"


ERRORS: dict[Fault, tuple[int, str, str | None]] = {
    Fault.RATE_LIMITED: (429, "slow down", None),
    Fault.BROKEN: (500, "out of order", None),
    Fault.NO_QUOTA: (429, "you have no money left", "insufficient_quota"),
    Fault.REFUSES_KEY: (401, "Incorrect API key provided: {key}", None),
    Fault.UNKNOWN_MODEL: (404, "no such model", None),
    Fault.OVERLOADED: (503, "overloaded", None),
    Fault.SITE_OVERLOADED: (529, "overloaded", "overloaded_error"),
    Fault.FORBIDDEN: (403, "your key may not use this model", None),
    Fault.OTHER_REFUSAL: (400, "Invalid 'temperature': expected a value of at most 2.", "decimal_above_max_value"),
    Fault.NO_ROOM: (400, "max_tokens must be at least 1, got 0. (parameter=max_tokens, value=0)", None),
    Fault.BEYOND_CONTEXT: (
        400,
        "This model's maximum context length is 64 tokens. However, your prompt contains 70 input tokens. "
        "Please reduce the length of the messages.",
        "context_length_exceeded",
    ),
}
CONTEXT = 40
"""Of the model that answers LITTLE_ROOM; every prompt has 7 tokens."""
ODD_BODIES: dict[Fault, tuple[int, bytes, str]] = {
    Fault.HTML: (200, b"<html>please log in</html>", "text/html"),
    Fault.EVENT_STREAM: (200, b'data: {"choices": []}\n\ndata: [DONE]\n\n', "text/event-stream"),
    Fault.ERROR_IN_200: (200, b'{"error": {"message": "the worker died", "code": 500}}', "application/json"),
    Fault.NOT_UTF8: (200, b'{"choices": "\xe9\xe8"}', "application/json"),
    Fault.DEEP: (200, b'{"choices": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", "application/json"),
    Fault.NO_BODY: (200, b"", "application/json"),
    Fault.HUGE_NUMBER: (200, b'{"choices": ' + b"9" * 5000 + b"}", "application/json"),
    Fault.BAD_GATEWAY: (502, b"<html>bad gateway</html>", "text/html"),
    Fault.GATEWAY_TIMEOUT: (504, b"", "text/plain"),
}
"""Status, body and content type."""
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
        by_heart: Mapping[str, str] | None = None,
    ) -> None:
        """More requests than `most_at_once` at a time are refused as too many. `by_heart`: answers by prompt."""
        super().__init__(("127.0.0.1", 0), handler or Handler)
        self.bears = most_at_once
        self.by_heart = by_heart or {}
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

    def _reply(  # noqa: C901 - one case for each way to fail
        self, fault: Fault, body: dict[str, Any]
    ) -> None:
        whole = json.dumps(answer_to(body, fault, self.server.by_heart)).encode()
        if refusal := refusal_of(body, fault):
            self._send(422 if fault in (Fault.NO_SEED, Fault.NO_EXTRAS) else 400, json.dumps(refusal).encode())
            return
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
            case Fault.BAD_GZIP:
                self._send(200, whole, {"content-encoding": "gzip"})
            case Fault.CUT_GZIP:
                self._send(200, gzip.compress(whole)[:-12], {"content-encoding": "gzip"})
            case Fault.AWAY:
                self._send(307, b"", {"location": "http://127.0.0.1:1/v1/chat/completions"})
            case Fault.NO_SUCH_PAUSE:
                self._send(429, b"{}", {"retry-after": "9" * 30})
            case Fault.BYTE_ORDER_MARK:
                self._send(200, codecs.BOM_UTF8 + whole)
            case Fault.CHUNKS_CUT:
                self.send_response(200)
                self.send_header("transfer-encoding", "chunked")
                self.end_headers()
                self.wfile.write(b"%x\r\n%s" % (len(whole), whole[: len(whole) // 2]))
                self.close_connection = True
            case Fault.DRIPS:
                self._head(200, len(whole))
                for byte in whole:
                    self.wfile.write(bytes([byte]))
                    if self.server.released.wait(0.05):
                        break
            case Fault.TOO_SHORT:
                self._head(200, len(whole) + 50)
                self.wfile.write(whole)
                self.close_connection = True
            case Fault.REDIRECTS:
                self._send(307, b"", {"location": self.path})
            case _ if fault in ODD_BODIES:
                status, content, kind = ODD_BODIES[fault]
                self._send(status, content, {"content-type": kind})
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


THOUGHT = "Let me think."
REASONS = {
    Fault.TOO_LONG: "length",
    Fault.FILTERED: "content_filter",
    Fault.THINKING_ONLY: "length",
    Fault.OTHER_CUT: "max_tokens",
    Fault.SAFETY: "SAFETY",
    Fault.ABORTED: "abort",
    Fault.CHOICE_ERROR: "error",
    Fault.NO_REASON: None,
    Fault.TOOL_CALL: "tool_calls",
}
ODD_USAGES: dict[Fault, Any] = {
    Fault.NULL_USAGE: {"prompt_tokens": None, "completion_tokens": None, "total_tokens": None},
    Fault.NEGATIVE_USAGE: {"prompt_tokens": -7, "completion_tokens": -1},
    Fault.TRUE_USAGE: {"prompt_tokens": True, "completion_tokens": float("nan")},
    Fault.LIST_USAGE: [7, 3],
}
ODD_MESSAGES: dict[Fault, dict[str, Any]] = {
    Fault.NO_CONTENT: {"content": None},
    Fault.NUMBER: {"content": 7},
    Fault.THINKING_ONLY: {"content": None, "reasoning_content": THOUGHT},
    Fault.REASONING: {"reasoning": THOUGHT},
    Fault.REASONING_CONTENT: {"reasoning_content": THOUGHT},
    Fault.BLANK: {"content": " \n\n"},
    Fault.TOOL_CALL: {"content": None, "tool_calls": [{"id": "1", "function": {"name": "python", "arguments": "{}"}}]},
    Fault.REFUSAL_PART: {"content": [{"type": "refusal", "refusal": "I cannot help with that."}]},
    Fault.TEXT_PARTS: {"content": ["answer", " in parts"]},
    Fault.REASONING_DETAILS: {"content": None, "reasoning_details": [{"type": "reasoning.text", "text": THOUGHT}]},
    Fault.ODD_REASONING: {"reasoning": {"effort": "low"}},
    Fault.SAFETY: {"content": None},
    Fault.HALF_CHARACTER: {"content": "half \ud83d", "reasoning_content": "half \ud83d"},
}


def answer_to(  # noqa: C901 - a line for each fault
    body: dict[str, Any], fault: Fault = Fault.NONE, by_heart: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The reply of the protocol, for both end points."""
    chat = "messages" in body
    prompt = body["messages"][-1]["content"] if chat else body["prompt"]
    text = (by_heart or {}).get(prompt, f"answer to {prompt}")
    choice: dict[str, Any] = {"index": 0, "finish_reason": REASONS.get(fault, "stop")}
    if fault in (Fault.EMPTY, Fault.FILTERED, Fault.NO_CONTENT, Fault.THINKING_ONLY):
        text = ""
    if chat:
        choice["message"] = {"role": "assistant", "content": text}
        if fault == Fault.REFUSAL:
            choice["message"] |= {"content": None, "refusal": "I cannot help with that."}
        choice["message"] |= ODD_MESSAGES.get(fault, {})
        half = len(text) // 2
        if fault in (Fault.PARTS, Fault.THINKING_PART):
            thought = [{"type": "thinking", "thinking": [{"type": "text", "text": THOUGHT}]}]
            parts = [{"type": "text", "text": text[:half]}, {"type": "text", "text": text[half:]}]
            choice["message"] |= {"content": [*(thought if fault == Fault.THINKING_PART else []), *parts]}
    else:
        choice["text"] = text
    usage = {"prompt_tokens": 7, "completion_tokens": len(text.split()), "total_tokens": 7 + len(text.split())}
    if fault in (Fault.THINKING_ONLY, Fault.REASONING_CONTENT):
        usage |= {"completion_tokens": 16, "completion_tokens_details": {"reasoning_tokens": 12}}
    if fault == Fault.OWN_SETTINGS and body.get("repetition_penalty") != 1.0:
        key = "message" if chat else "text"
        choice[key] = {"role": "assistant", "content": "penalized"} if chat else "penalized"
    if fault == Fault.THINKS_BY_OWN_SETTINGS and chat:
        is_neutral = body.get("repetition_penalty") == 1.0
        choice["message"] |= {"content": None, "reasoning_content": THOUGHT if is_neutral else "penalized"}
    if fault in (Fault.COUNTS, Fault.CUTS_PROMPTS):
        words = len((body["messages"][-1]["content"] if chat else body["prompt"]).split())
        usage["prompt_tokens"] = min(words, 50) if fault == Fault.CUTS_PROMPTS else words
    reply = {"id": "x", "object": "x", "created": 0, "model": body["model"], "choices": [choice], "usage": usage}
    if fault == Fault.OTHER_MODEL:
        reply["model"] = "someone/other-7b"
    if fault == Fault.NO_USAGE:
        del reply["usage"]
    if fault in ODD_USAGES:
        reply["usage"] = ODD_USAGES[fault]
    if fault == Fault.TWICE:
        reply["choices"] = [choice, choice]
    if fault == Fault.CHOICE_ERROR:
        choice["error"] = {"code": 502, "message": "the provider is down"}
    if fault == Fault.NO_CHOICES:
        reply["choices"] = []
    return reply


def refusal_of(body: dict[str, Any], fault: Fault) -> dict[str, Any]:
    """What a server says that does not take this request as it is; empty where it takes it."""
    extras = sorted(body.keys() & {"top_k", "min_p", "repetition_penalty"})
    limit = body.get("max_tokens", body.get("max_completion_tokens", 0))
    message, param = "", None
    match fault:
        case Fault.NO_SEED if "seed" in body:  # as Mistral and other strict readers say it
            detail = [{"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}]
            return {"detail": detail}
        case Fault.NO_EXTRAS if extras:  # as transformers serve says it
            return {"detail": f"Unexpected fields in the request: {set(extras)}"}
        case Fault.NO_TEMPERATURE if "temperature" in body:
            message = (
                "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is"
            )
            message, param = f"{message} supported.", "temperature"
        case Fault.FIXED_TEMPERATURE if "temperature" in body:  # as Moonshot says it
            message = "invalid temperature: only 1 is allowed for this model"
        case Fault.DEPRECATED if "temperature" in body:  # as Anthropic says it
            message = "`temperature` is deprecated for this model."
        case Fault.OTHER_LIMIT if "max_tokens" in body:
            message = "Unsupported parameter: 'max_tokens' is not supported with this model. Use"
            message, param = f"{message} 'max_completion_tokens' instead.", "max_tokens"
        case Fault.STRICT if extras:
            message = "Bad request."
        case Fault.LITTLE_ROOM if limit > CONTEXT - 7:
            message = (
                f"This model's maximum context length is {CONTEXT} tokens. However, you requested {7 + limit} tokens "
            )
            message += f"(7 in the messages, {limit} in the completion). Please reduce the length of the messages."
        case _:
            return {}
    return {"error": {"message": message, "code": None, "type": "x", "param": param}}


def _error(message: str, code: str | None = None) -> bytes:
    return json.dumps({"error": {"message": message, "code": code, "type": "x", "param": None}}).encode()
