"""From a request to what is sent to an OpenAI-compatible server."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from harness.model import Request, Sampling


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One request as it is sent."""

    request: Request
    fields: Mapping[str, Any]
    key: bytes
    """Of its answer in the cache."""


def request_fields(request: Request, sampling: Sampling, *, hosted: bool, most_stops: int) -> dict[str, Any]:
    """What is sent, apart from the model's name.

    `hosted`: OpenAI itself takes its own name for the token limit, and no extra fields.
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
    if prompt.stop and most_stops:
        fields["stop"] = list(prompt.stop[:most_stops])
    fields["max_completion_tokens" if hosted and messages else "max_tokens"] = sampling.max_tokens
    if extra and not hosted:
        fields["extra_body"] = extra
    return fields | ({"messages": messages} if messages else {"prompt": prompt.text or ""})


def without_login(url: str) -> str:
    """The address without a user name, password or query, which may hold secrets."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
