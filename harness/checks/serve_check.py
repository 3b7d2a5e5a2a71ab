"""What an OpenAI-compatible server can do, tried for real: is it there, what does it serve, what can it do."""

from collections.abc import Iterator

from harness.checks.probed_server import ProbedServer, Refused
from harness.checks.server_abilities import ABILITIES
from harness.model import ModelError
from sandbox.extras import install_command
from sandbox.walls.check_result import CheckResult


def check_server(base_url: str, model: str | None, key_variable: str = "OPENAI_API_KEY") -> Iterator[CheckResult]:
    """Every check as soon as it is done; ends early where nothing more can be asked. Raises ModelError."""
    server = ProbedServer(base_url, key_variable)
    try:
        names = server.models()
    except Refused as refusal:
        if model and not refusal.is_silence:  # it answers, if not this
            names = []
            detail = f"it does not list its models: {refusal}"
            yield CheckResult("model list", ok=False, needed=False, detail=detail, remedy="name the model, as was done")
        else:
            remedy = f"start it, fix the address (it often ends in /v1), or put its key into {key_variable}"
            detail = f"{server.shown_url}: {refusal}"
            yield CheckResult("server", ok=False, needed=True, detail=detail, remedy=remedy)
            return
    yield CheckResult("server", ok=True, needed=True, detail=f"{server.shown_url} answers")
    named = _named(server, model, names)
    yield named
    if not named.ok:
        return
    end_points = list(_end_points(server))
    yield from end_points
    if any(check.needed for check in end_points):
        return
    for check in ABILITIES:
        try:
            yield check(server)
        except Refused as refusal:
            name = check.__name__.removeprefix("check_").replace("_", " ")
            yield CheckResult(name, ok=False, needed=False, detail=f"refused: {refusal}", remedy="see the server's log")


def _named(server: ProbedServer, model: str | None, names: list[str]) -> CheckResult:
    listed = ", ".join(names[:5]) or "none"
    if model is None and len(names) != 1:
        return CheckResult("model", ok=False, needed=True, detail=f"it lists {listed}", remedy="name one with --model")
    server.model = model or names[0]
    if server.model in names or not names:
        return CheckResult("model", ok=True, needed=True, detail=f"ask it as api:{server.model}")
    try:
        server.ask(max_tokens=1)
    except Refused as refusal:
        detail = f"{server.model!r} is not among {listed}: {refusal}"
        return CheckResult("model", ok=False, needed=True, detail=detail, remedy="name one that it lists with --model")
    return CheckResult("model", ok=True, needed=True, detail=f"{server.model!r} answers, though it lists {listed}")


def _end_points(server: ProbedServer) -> Iterator[CheckResult]:
    """Chats and texts; a needed check says that neither works."""
    reasons: list[str] = []
    for name, style in (("chat", "complete"), ("text", "chat")):
        server.is_chat = name == "chat"
        try:
            server.ask(max_tokens=4)
            yield CheckResult(f"{name} prompts", ok=True, needed=False, detail="answered")
        except Refused as refusal:
            reasons.append(name)
            remedy = f"ask it in a style of the other kind, such as --style {style}"
            if len(reasons) == 2:
                remedy = f"fix the model's name, or put its key into {server.key_variable}"
            yield CheckResult(f"{name} prompts", ok=False, needed=len(reasons) == 2, detail=str(refusal), remedy=remedy)
    # What follows is asked in the form that works, chats first.
    server.is_chat = "chat" not in reasons


def refuse_missing_extra() -> None:
    """Raises ModelError with the remedy where the client is not installed."""
    from importlib.util import find_spec

    if not find_spec("openai"):
        raise ModelError(f"serve-check needs the extra 'api': {install_command('api')}")
