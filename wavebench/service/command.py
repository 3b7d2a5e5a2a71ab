"""`wavebench serve`: the judge behind HTTP."""

import os
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli.errors import report_errors, stop_on_terminate
from harness.cli.options import ClusterAddress, DataPath, SandboxTier, Workers
from sandbox.extras import install_command
from wavebench.rewards.remote import TOKEN_VARIABLE
from wavebench.service.limits import ServiceLimits

if TYPE_CHECKING:
    import uvicorn

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_WAITING = 4096
"""Connections that wait to be taken."""
_OPTIONS: dict[str, Any] = {
    "log_level": "warning",
    "access_log": False,
    "backlog": _WAITING,  # overload waits in the sockets' queue: nothing is refused
    "timeout_keep_alive": 60,
    "proxy_headers": False,
    "server_header": False,
}


@report_errors
def serve(
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port; 0 takes a free one.")] = 8080,
    host: Annotated[str, typer.Option("--host", help="Address to listen on; others than loopback need a token.")] = (
        "127.0.0.1"
    ),
    token: Annotated[
        str,
        typer.Option("--token", envvar=TOKEN_VARIABLE, help="Clients send it as Authorization: Bearer TOKEN."),
    ] = "",
    task: Annotated[
        list[str] | None, typer.Option("--task", help="A task to serve, may be repeated. [default: humaneval, mbpp]")
    ] = None,
    data: DataPath = None,
    sandbox: SandboxTier = None,
    workers: Workers = None,
    cluster: ClusterAddress = None,
    max_seconds: Annotated[
        float, typer.Option("--max-seconds", min=0.1, help="The longest time limit that a request gets.")
    ] = 60.0,
    max_memory: Annotated[
        int, typer.Option("--max-memory", min=32, help="The most memory that a request gets, in MB.")
    ] = 2048,
) -> None:
    """Serves verdicts over HTTP, as SandboxFusion does. /judge takes batches; runs until it is stopped."""
    from harness.judging.judge import open_judging_sandbox
    from harness.runs.config import parse_config
    from sandbox.errors import WavebenchError
    from sandbox.pool.shared import SharedSandbox
    from tasks.registry import benchmark
    from wavebench.opening import whole_path

    try:
        import uvicorn

        from wavebench.service.app import create_app
        from wavebench.service.datasets import ServedTasks
        from wavebench.service.judging import JudgingService
        from wavebench.service.one_write import OneWriteProtocol
    except ModuleNotFoundError as error:
        raise WavebenchError(f"{error.name} is missing: {install_command('serve')}.") from None
    if host not in _LOOPBACK and not token:
        raise WavebenchError(
            f"--host {host} lets other machines run programs here: give --token or {TOKEN_VARIABLE}, which they send."
        )
    names = task or ["humaneval", "mbpp"]
    for name in names:
        benchmark(name)
    asked = {"tier": sandbox, "workers": workers, "cluster": cluster}
    chosen = {key: value for key, value in asked.items() if value}
    config = parse_config({"model": "any", "task": names[0], "cache": False} | chosen, "the command line")
    with SharedSandbox(partial(open_judging_sandbox, config)) as shared:
        served = ServedTasks(names, whole_path(data or ""))
        service = JudgingService(shared, served, ServiceLimits(max_seconds, max_seconds, max_memory))
        app = create_app(service, shared, token=token, loopback=host in _LOOPBACK)
        _answer_until_stopped(
            uvicorn.Config(app, host=host, port=port, http=OneWriteProtocol, **_OPTIONS), ", ".join(names)
        )


def _answer_until_stopped(settings: "uvicorn.Config", served: str) -> None:
    import uvicorn

    listening = settings.bind_socket()
    listening.listen(_WAITING)  # before the address is told
    typer.echo(
        f"Serving {served} on http://{settings.host}:{listening.getsockname()[1]} (process {os.getpid()})", err=True
    )
    stop_on_terminate()  # what uvicorn restores and raises again, once all is answered
    try:
        uvicorn.Server(settings).run(sockets=[listening])
    except KeyboardInterrupt:
        typer.echo("Stopped: every request that had arrived was answered.", err=True)
