"""What an OpenAI-compatible server can do, tried for real: one check each, with what to do about it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from harness.model import ModelError
from harness.models.api.reply import ApiAnswer, UnreadableReplyError, read_reply
from harness.models.api.request import without_login
from sandbox.walls.check_result import CheckResult

QUESTION = "Write a Python function that adds two numbers."
TEXT = "def add(a, b):\n"
PREFILL = "```python\ndef add("
LONGEST = 48
"""Tokens of the longest answer that is asked for."""
STOPS = ["\ndef ", "\nclass ", "\nif ", "\nprint", "\n#", "\n@", "\nimport ", "\nassert "]
"""As many as tasks send."""
PATIENCE_SECONDS = 120.0


class Refused(Exception):  # noqa: N818 - a result, not a fault of ours
    """The server did not do what was asked; its text is the server's reason."""

    is_silence = False
    """Whether nobody answered at all, or only to ask for a key."""


@dataclass(frozen=True, slots=True)
class ProbeReply:
    """One reply, and what it holds beside the answer."""

    answer: ApiAnswer
    choices: int
    has_logprobs: bool


class ProbedServer:
    """One model on one server, asked one thing at a time."""

    def __init__(self, base_url: str, key_variable: str) -> None:
        from openai import OpenAI

        key = os.environ.get(key_variable, "")
        self.shown_url = without_login(base_url)
        self.key_variable = key_variable
        self.model = ""
        self.is_chat = True
        self._key = key
        self._client = OpenAI(api_key=key or "none", base_url=base_url, timeout=PATIENCE_SECONDS, max_retries=1)

    def models(self) -> list[str]:
        """The names it lists. Raises Refused."""
        import openai

        try:
            return [model.id for model in self._client.models.list()]
        except openai.OpenAIError as error:
            raise self._refused(error) from error

    def ask(self, **fields: Any) -> ProbeReply:
        """The question of the kind that works, greedy unless `fields` say otherwise. Raises Refused."""
        return (
            self.chat([{"role": "user", "content": QUESTION}], **fields) if self.is_chat else self.text(TEXT, **fields)
        )

    def chat(self, messages: list[dict[str, str]], **fields: Any) -> ProbeReply:
        return self._reply(self._client.chat.completions, {"messages": messages}, fields)

    def text(self, prompt: str, **fields: Any) -> ProbeReply:
        return self._reply(self._client.completions, {"prompt": prompt}, fields)

    def _reply(self, end_point: Any, prompt: dict[str, Any], fields: dict[str, Any]) -> ProbeReply:
        import openai

        settled = {"model": self.model, "temperature": 0.0, "max_tokens": LONGEST, **prompt, **fields}
        try:
            reply = end_point.create(**settled)
            return ProbeReply(read_reply(reply), len(reply.choices), bool(getattr(reply.choices[0], "logprobs", None)))
        except UnreadableReplyError as error:
            raise Refused(str(error)) from error
        except (openai.OpenAIError, ValueError) as error:
            raise self._refused(error) from error

    def _refused(self, error: Exception) -> Refused:
        """Its reason in a few words, without the key that a server may quote."""
        import openai

        words = " ".join(str(error).split())[:160]
        refusal = Refused(words.replace(self._key, "***") if self._key else words)
        silences = openai.APIConnectionError | openai.AuthenticationError | openai.PermissionDeniedError
        refusal.is_silence = isinstance(error, silences)
        return refusal


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
    yield from _check_named(server, model, names)


def _check_named(server: ProbedServer, model: str | None, names: list[str]) -> Iterator[CheckResult]:
    yield CheckResult("server", ok=True, needed=True, detail=f"{server.shown_url} answers")
    named = _named(server, model, names)
    yield named
    if not named.ok:
        return
    end_points = list(_end_points(server))
    yield from end_points
    if any(check.needed for check in end_points):
        return
    for check in (_template, _tokens, _greedy, _seed, _stop, _many_stops, _prefill, _choices, _logprobs):
        try:
            yield check(server)
        except Refused as refusal:
            name = check.__name__.strip("_").replace("_", " ")
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
    server.is_chat = "chat" not in reasons


def _template(server: ProbedServer) -> CheckResult:
    """A template leaves its mark in the count of prompt tokens."""
    if not server.is_chat:
        return CheckResult("chat template", ok=False, needed=False, detail="no chat prompts", remedy="--style complete")
    one = server.ask(max_tokens=1).answer.prompt_tokens
    try:
        plain = server.text(QUESTION, max_tokens=1).answer.prompt_tokens
    except Refused:
        plain = 0
    two = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": "x"}]
    longer = server.chat([*two, {"role": "user", "content": QUESTION}], max_tokens=1).answer.prompt_tokens
    if not one:
        return CheckResult(
            "chat template", ok=False, needed=False, detail="it counts no tokens", remedy="compare by hand"
        )
    added = f"{one - plain} tokens around a message of {plain}" if plain else f"{one} tokens for a short message"
    ok = longer > one and (not plain or one > plain)
    remedy = "start the server with the model's chat template (vLLM: --chat-template)"
    return CheckResult("chat template", ok, needed=False, detail=added if ok else "none is applied", remedy=remedy)


def _tokens(server: ProbedServer) -> CheckResult:
    answer = server.ask(max_tokens=8).answer
    ok = 0 < answer.completion_tokens <= 8 and answer.finish_reason == "length"
    detail = f"asked for 8, counted {answer.completion_tokens}, ended by {answer.finish_reason!r}"
    return CheckResult("token limit and count", ok, False, detail, "costs and truncated answers cannot be told apart")


def _greedy(server: ProbedServer) -> CheckResult:
    texts = {server.ask().answer.text for _ in range(3)}
    detail = "three times the same text" if len(texts) == 1 else f"{len(texts)} texts to one question"
    return CheckResult(
        "temperature 0", len(texts) == 1, False, detail, "take several samples and compare with intervals"
    )


def _seed(server: ProbedServer) -> CheckResult:
    first, again = (server.ask(temperature=1.0, seed=11).answer.text for _ in range(2))
    others = {server.ask(temperature=1.0, seed=seed).answer.text for seed in (12, 13, 14)}
    if len({first, *others}) == 1:
        detail, remedy = "temperature 1 gives one text for all seeds", "every sample of a problem would be the same"
        return CheckResult("seed", ok=False, needed=False, detail=detail, remedy=remedy)
    detail = "one seed, one text" if first == again else "one seed gives several texts"
    return CheckResult("seed", first == again, False, detail, "samples cannot be made again; keep the run folder")


def _stop(server: ProbedServer) -> CheckResult:
    """A stop string from the middle of an answer that is known, so that it has to come."""
    whole = server.ask().answer.text
    place = len(whole) // 2
    stop = whole[place : place + 3]
    if len(stop) < 3:
        return CheckResult("stop strings", ok=False, needed=False, detail="its answer is too short to tell", remedy="")
    kept = whole[: whole.index(stop)]
    answer = server.ask(stop=[stop]).answer
    if answer.text == kept and answer.finish_reason == "stop":
        return CheckResult("stop strings", ok=True, needed=False, detail=f"ends before {stop!r}")
    if answer.text.startswith(kept + stop):
        is_ignored = len(answer.text) >= len(whole)
        detail = f"goes on behind {stop!r}" if is_ignored else f"keeps {stop!r}, ends by {answer.finish_reason!r}"
        remedy = "answers are longer than needed; tasks cut them themselves"
        return CheckResult("stop strings", not is_ignored, needed=False, detail=detail, remedy=remedy)
    return CheckResult("stop strings", ok=False, needed=False, detail="another text with a stop string", remedy="")


def _many_stops(server: ProbedServer) -> CheckResult:
    """Tasks have up to a dozen; what is not sent costs tokens, not correctness."""
    name, count = "many stop strings", len(STOPS)
    try:
        server.ask(stop=STOPS, max_tokens=4)
    except Refused as refusal:
        server.ask(stop=STOPS[:4], max_tokens=4)
        remedy = "none needed: four are sent (more, after VLLM_MAX_STOP_STRINGS=16 for vLLM: --set most_stops=16)"
        return CheckResult(name, ok=False, needed=False, detail=f"{count} are refused: {refusal}", remedy=remedy)
    return CheckResult(
        name, ok=True, needed=False, detail=f"takes {count}: --set most_stops=16 sends all that a task has"
    )


def _prefill(server: ProbedServer) -> CheckResult:
    """An answer that goes on with given words does not begin again, and costs no tokens of another turn."""
    remedy = "use a style without a prefill"
    if not server.is_chat:
        return CheckResult("prefill", ok=False, needed=False, detail="no chat prompts", remedy=remedy)
    messages = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": PREFILL}]
    extra = {"continue_final_message": True, "add_generation_prompt": False}
    try:
        continued = server.chat(messages, extra_body=extra).answer
        closed = server.chat(messages).answer
    except Refused as refusal:
        return CheckResult("prefill", ok=False, needed=False, detail=f"refused: {refusal}", remedy=remedy)
    ok = 0 < continued.prompt_tokens < closed.prompt_tokens
    detail = "goes on with given words" if ok else "begins a new turn instead of going on"
    return CheckResult("prefill", ok, False, detail, remedy)


def _choices(server: ProbedServer) -> CheckResult:
    choices = server.ask(n=2, temperature=1.0, max_tokens=4).choices
    detail = f"n = 2 gives {choices}; wavebench asks for one at a time, each with its own seed"
    return CheckResult("several choices", choices == 2, False, detail, "none needed")


def _logprobs(server: ProbedServer) -> CheckResult:
    fields: dict[str, Any] = {"logprobs": True, "top_logprobs": 1} if server.is_chat else {"logprobs": 1}
    has = server.ask(max_tokens=4, **fields).has_logprobs
    detail = "given" if has else "not given"
    return CheckResult("logprobs", has, False, detail, "scores need none; how near a tie was cannot be seen")


def refuse_missing_extra() -> None:
    """Raises ModelError with the remedy where the client is not installed."""
    from importlib.util import find_spec

    if not find_spec("openai"):
        raise ModelError("serve-check needs the extra 'api': pip install 'wavebench[api]'")
