"""The server's routes. Requests that find no free place wait, and none is refused."""

import gc
import secrets
import time
import traceback
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import wavebench
from sandbox.errors import WavebenchError
from sandbox.pool.shared import SharedSandbox
from wavebench.service.direct import DirectRoute, DirectRoutes
from wavebench.service.judging import JudgingService
from wavebench.service.limits import ServiceLimits
from wavebench.service.metrics import ServiceMetrics
from wavebench.service.schemas import JudgeRequest, RunCodeRequest, SubmitRequest

_LOOPBACK = ["localhost", "127.0.0.1", "::1", "[::1]"]
_WITHOUT_TOKEN = frozenset({"/v1/ping"})


async def _ping() -> str:
    """Whether the server answers."""
    return "pong"


def create_app(service: JudgingService, sandbox: SharedSandbox, *, token: str = "", loopback: bool = True) -> ASGIApp:
    """The application over an open sandbox, which it does not close.

    With a `token` every request but the ping needs it as `Authorization: Bearer TOKEN`. `loopback` refuses what a web
    page has sent here under another host's name.
    """

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = service.limits.threads
        gc.freeze()  # what is loaded by now stays: each full collection would walk over all of it
        yield
        service.close()

    async def show_metrics() -> str:
        """Counts of requests and verdicts, in the text format of Prometheus."""
        return service.metrics.text(sandbox.waiting, sandbox.workers)

    app = FastAPI(
        title="wavebench",
        version=wavebench.__version__,
        description="SandboxFusion's interface with confirmed verdicts, and /judge for batches.",
        lifespan=lifespan,
    )
    app.add_api_route("/v1/ping", _ping)
    app.add_api_route("/metrics", show_metrics, response_class=PlainTextResponse)
    app.add_api_route("/list_datasets", service.list_datasets)
    for path, route in {
        "/run_code": service.run_code,
        "/list_ids": service.list_ids,
        "/get_prompts": service.get_prompts,
        "/get_prompt_by_id": service.get_prompt_by_id,
        "/submit": service.submit,
        "/get_metrics": service.get_metrics,
        "/get_metrics_function": service.get_metrics_function,
        "/judge": service.judge,
    }.items():
        app.add_api_route(path, route, methods=["POST"])
    app.add_exception_handler(WavebenchError, _explain)
    app.add_exception_handler(Exception, _explain)
    often = [
        DirectRoute("/run_code", RunCodeRequest, service.run_code),
        DirectRoute("/submit", SubmitRequest, service.submit),
        DirectRoute("/judge", JudgeRequest, service.judge),
    ]
    direct = DirectRoutes(app, {route.path: route for route in often}, failure)
    guarded = Guard(direct, token=token, limits=service.limits, metrics=service.metrics)
    return TrustedHostMiddleware(guarded, allowed_hosts=_LOOPBACK) if loopback else guarded


async def _explain(_request: Request, error: Exception) -> JSONResponse:
    return failure(error)


def failure(error: Exception) -> JSONResponse:
    """The answer where a request failed: 400 where it names what is not there, else SandboxFusion's form of 500."""
    if isinstance(error, WavebenchError):
        return JSONResponse({"detail": str(error)}, 400)
    return JSONResponse({"detail": str(error), "traceback": traceback.format_exception(error)}, 500)


class Guard:
    """What every request passes: token, size and counts. Plain ASGI: Starlette's own base class costs a task each."""

    def __init__(self, app: ASGIApp, token: str, limits: ServiceLimits, metrics: ServiceMetrics) -> None:
        self._app = app
        self._token = token
        self._limits = limits
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request that is refused; hands every other one on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begin, status = time.monotonic(), 500

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        self._metrics.begin()
        try:
            refusal = _refusal(Request(scope), self._token, self._limits)
            await (refusal or self._app)(scope, receive, note_status)
        finally:
            route = scope.get("route")
            self._metrics.end(getattr(route, "path", "other"), status, time.monotonic() - begin)


def _refusal(request: Request, token: str, limits: ServiceLimits) -> JSONResponse | None:
    """The answer to a request that is not worked on."""
    if token and request.url.path not in _WITHOUT_TOKEN:
        given = request.headers.get("authorization", "")
        if not secrets.compare_digest(given.encode(), f"Bearer {token}".encode()):
            return JSONResponse({"detail": "send the server's token as Authorization: Bearer TOKEN."}, 401)
    length = request.headers.get("content-length", "")
    if request.method == "POST" and not length.isdigit():
        return JSONResponse({"detail": "say how long the body is: send Content-Length."}, 411)
    if length.isdigit() and int(length) > limits.body_mb << 20:
        return JSONResponse({"detail": f"the body has {length} bytes, and {limits.body_mb} MB are taken."}, 413)
    return None
