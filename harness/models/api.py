"""Answers from any OpenAI-compatible server: OpenAI itself, vLLM, llama.cpp, TGI, Ollama."""

import asyncio
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit, urlunsplit

from harness.completion import Completion
from harness.model import ModelError, Request, Sampling
from harness.models.background import as_finished
from harness.models.options import ModelOptions

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types import Completion as TextReply
    from openai.types.chat import ChatCompletion as ChatReply

OPENAI_URL = "https://api.openai.com/v1"
CONNECT_SECONDS = 30.0


class ApiModel:
    """A served model. The key comes from OPENAI_API_KEY alone and stands in no file, fact or message.

    Prompts of messages go to the chat end point, prompts of text to the completions end point. The text is what the
    server sent: it has already left out the stop string that ended it.
    """

    def __init__(self, model: str, options: ModelOptions) -> None:
        self._model = model
        self._options = options
        self._base_url = options.base_url or os.environ.get("OPENAI_BASE_URL") or OPENAI_URL
        self._key = os.environ.get("OPENAI_API_KEY", "")

    @property
    def name(self) -> str:
        return self._model

    def facts(self) -> Mapping[str, str]:
        return {"kind": "api", "base_url": without_login(self._base_url), "openai": version("openai")}

    def answer(self, requests: Iterable[Request], sampling: Sampling) -> Iterator[Completion]:
        from harness.models.api_retry import RetryPolicy

        policy = RetryPolicy(self._options, server=f"the server at {without_login(self._base_url)!r}")
        client = self._client()

        async def ask(request: Request) -> Completion:
            about = f"{self._model!r} for {request.task_id!r}"
            return await policy.run(lambda: self._send(client, request, sampling), about)

        try:
            yield from as_finished(requests, ask, self._options.concurrency, client.close)
        except ModelError as error:
            raise ModelError(self._without_key(str(error))) from None  # the chained ones may quote the key

    async def _send(self, client: "AsyncOpenAI", request: Request, sampling: Sampling) -> Completion:
        started = time.monotonic()
        async with asyncio.timeout(self._options.request_seconds):  # httpx limits each read, not the whole
            reply = await self._create(client, request, sampling)
        return _completion(reply, request, seconds=time.monotonic() - started)

    async def _create(self, client: "AsyncOpenAI", request: Request, sampling: Sampling) -> "ChatReply | TextReply":
        fields = request_fields(request, sampling, hosted=self._base_url == OPENAI_URL)
        if request.prompt.messages:
            return cast("ChatReply", await client.chat.completions.create(model=self._model, **fields))
        return cast("TextReply", await client.completions.create(model=self._model, **fields))

    def _client(self) -> "AsyncOpenAI":
        from openai import AsyncOpenAI, Timeout

        return AsyncOpenAI(
            api_key=self._key or "none",
            base_url=self._base_url,
            timeout=Timeout(self._options.request_seconds, connect=CONNECT_SECONDS),
            max_retries=0,  # RetryPolicy is the only one that sends again
        )

    def _without_key(self, text: str) -> str:
        return text.replace(self._key, "***") if self._key else text


def open_api(model: str, options: ModelOptions) -> ApiModel:
    """A model behind an OpenAI-compatible server; asks nothing of the server yet."""
    if not (find_spec("openai") and find_spec("tenacity")):
        raise ModelError(f"'api:{model}' needs the extra 'api': pip install 'wavebench[api]'")
    opened = ApiModel(model, options)
    if opened.facts()["base_url"] == OPENAI_URL and not os.environ.get("OPENAI_API_KEY"):
        raise ModelError(f"'api:{model}' needs a key: set OPENAI_API_KEY, or name your own server with --base-url")
    return opened


def request_fields(request: Request, sampling: Sampling, *, hosted: bool) -> dict[str, Any]:
    """What is sent, apart from the model's name.

    `hosted`: OpenAI itself takes at most four stop strings, its own name for the token limit, and no extra fields.
    """
    prompt = request.prompt
    messages = [{"role": message.role, "content": message.content} for message in prompt.messages]
    fields: dict[str, Any] = {"temperature": sampling.temperature, "seed": request.seed & 0x7FFF_FFFF}
    extra: dict[str, Any] = {}
    if prompt.prefill:
        messages.append({"role": "assistant", "content": prompt.prefill})
        extra |= {"continue_final_message": True, "add_generation_prompt": False}
    if sampling.top_k:
        extra["top_k"] = sampling.top_k
    if sampling.top_p < 1:
        fields["top_p"] = sampling.top_p
    if prompt.stop:
        fields["stop"] = list(prompt.stop[:4] if hosted else prompt.stop)
    fields["max_completion_tokens" if hosted and messages else "max_tokens"] = sampling.max_tokens
    if extra and not hosted:
        fields["extra_body"] = extra
    return fields | ({"messages": messages} if messages else {"prompt": prompt.text or ""})


def without_login(url: str) -> str:
    """The address without a user name, password or query, which may hold secrets."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _completion(reply: "ChatReply | TextReply", request: Request, seconds: float) -> Completion:
    text, finish_reason = _answer(reply)
    return Completion(
        task_id=request.task_id,
        sample=request.sample,
        turn=request.turn,
        prompt_sha256=request.prompt.sha256,
        completion=text,
        finish_reason=finish_reason,
        prompt_tokens=reply.usage.prompt_tokens if reply.usage else 0,
        completion_tokens=reply.usage.completion_tokens if reply.usage else 0,
        seconds=seconds,
    )


def _answer(reply: "ChatReply | TextReply") -> tuple[str, str]:
    """The text and its finish reason. The client checks no types, so a proxy's page may stand where a reply should."""
    from harness.models.api_retry import UnreadableReplyError

    try:
        choice = reply.choices[0]
        message = getattr(choice, "message", None)
        refusal: str = getattr(message, "refusal", None) or ""
        text: str = (message.content if message else getattr(choice, "text", None)) or refusal
        return text, _finish_reason(text, str(choice.finish_reason), refused=bool(refusal))
    except (AttributeError, IndexError, TypeError) as error:
        raise UnreadableReplyError(f"no answer in {str(reply)[:100]!r}") from error


def _finish_reason(text: str, said: str, *, refused: bool) -> str:
    if refused or said == "content_filter":
        return "refusal"
    if said == "length":
        return "length"
    return "stop" if text else "empty"
