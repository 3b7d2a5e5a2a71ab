"""From a request to what is sent to an OpenAI-compatible server."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from harness.model import ModelError, Request, Sampling
from harness.models.api.providers import Provider, ProviderRule
from harness.models.options import RequestOptions

NEUTRAL = {"top_p": 1.0, "presence_penalty": 0.0, "frequency_penalty": 0.0}
"""Fields of OpenAI's own protocol with values that change nothing: sent, so that no server fills in others."""
NEUTRAL_EXTRAS = {"top_k": -1, "min_p": 0.0, "repetition_penalty": 1.0}
"""The same for fields that vLLM, SGLang, llama.cpp and many hosts add. Without them vLLM takes the checkpoint's
generation_config.json: Qwen2.5-Coder-Instruct ships a repetition penalty of 1.1 and top_k = 20."""
DECODING = ("temperature", *NEUTRAL, *NEUTRAL_EXTRAS)
"""What decides how a token is drawn."""
_OF_THE_CLIENT = frozenset({"model", "messages", "prompt", "temperature", "seed", "top_p", "stop"}) | frozenset(
    {"max_tokens", "max_completion_tokens", "presence_penalty", "frequency_penalty"}
)
"""Fields that the client's own calls take; all others travel in its `extra_body`."""
_SECRET_HEADERS = ("authorization", "api-key", "x-api-key", "cookie")


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One request as it is sent."""

    request: Request
    fields: Mapping[str, Any]
    key: bytes
    """Of its answer in the cache."""


@dataclass(frozen=True, slots=True)
class RequestShape:
    """Which fields the requests to one model on one server have, by what is known before the first is sent."""

    model: str
    provider: Provider | None
    options: RequestOptions
    most_stops: int

    def fields(self, request: Request, sampling: Sampling) -> dict[str, Any]:
        """All that is sent, as keyword arguments of the client."""
        prompt = request.prompt
        messages = [{"role": message.role, "content": message.content} for message in prompt.messages]
        # A known provider's models are decoded as it documents; an own server may add a checkpoint's settings.
        flat: dict[str, Any] = {}
        if self.provider is None or self.provider.neutral:
            flat |= NEUTRAL | NEUTRAL_EXTRAS
        flat |= {"temperature": sampling.temperature, "seed": request.seed & 0x7FFF_FFFF}
        if prompt.prefill:
            messages.append({"role": "assistant", "content": prompt.prefill})
            flat |= {"continue_final_message": True, "add_generation_prompt": False}
        if sampling.top_k:
            flat["top_k"] = sampling.top_k
        if sampling.top_p < 1:
            flat["top_p"] = sampling.top_p
        if prompt.stop and self.most_stops:
            flat["stop"] = list(prompt.stop[: self.most_stops])
        flat["max_tokens"] = sampling.max_tokens
        rules = self.rules("chat" if messages else "text")
        # The user's own rules come last: they may take back what the table says.
        for leave_out, rename in [(rule.leave_out, rule.rename) for rule in rules] + [
            (self.options.leave_out, self.options.rename)
        ]:
            flat = {rename.get(name, name): value for name, value in flat.items() if name not in leave_out}
        flat |= self.options.add
        asked = {"messages": messages} if messages else {"prompt": prompt.text or ""}
        return arguments({"model": self.model} | flat | asked)

    def rules(self, end_point: str = "") -> Sequence[ProviderRule]:
        """What is known of the provider's requests to one end point, or to any."""
        return self.provider.rules(self.model, end_point) if self.provider else ()

    @property
    def ignored(self) -> frozenset[str]:
        """Fields that the provider takes and does not follow."""
        return frozenset(name for rule in self.rules() for name in rule.ignores) - self.options.add.keys()


def arguments(flat: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a JSON body as keyword arguments of the client."""
    own = {name: value for name, value in flat.items() if name in _OF_THE_CLIENT}
    extra = {name: value for name, value in flat.items() if name not in _OF_THE_CLIENT}
    return own | ({"extra_body": extra} if extra else {})


def body_of(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON body that these keyword arguments become."""
    own = {name: value for name, value in fields.items() if name != "extra_body"}
    return own | dict(fields.get("extra_body", {}))


def headers_of(options: RequestOptions) -> dict[str, str]:
    """The extra headers, with what stands for an environment variable filled in.

    Raises ModelError for a variable that is not set, and for a secret written out, which would stand in config.toml.
    """
    headers: dict[str, str] = {}
    for name, value in options.headers.items():
        if value.startswith("$"):
            if value[1:] not in os.environ:
                raise ModelError(f"the header {name!r} names the variable {value!r}, which is not set: set it")
            value = os.environ[value[1:]]
        elif name.lower() in _SECRET_HEADERS:
            raise ModelError(
                f"the header {name!r} would stand in config.toml: put its value into an environment variable, and "
                "write $VARIABLE here"
            )
        headers[name] = value
    return headers


def refuse_no_address(url: str) -> None:
    """Raises ModelError for what the client could not ask, and would try again for as long as patience lasts."""
    parts = urlsplit(url)
    if parts.scheme in ("http", "https") and parts.hostname:
        return
    bare = url.rpartition("@")[2]  # what stands before it may be a password
    better = "http://localhost:8000/v1" if "://" in url else f"http://{bare}"
    shown = without_login(url) if "://" in url else bare
    raise ModelError(
        f"--base-url {shown!r} is no address of a server: write it with http:// or https:// before it, such as {better}"
    )


def without_login(url: str) -> str:
    """The address without a user name, password or query, which may hold secrets."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
