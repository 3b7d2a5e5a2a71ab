"""From a server's reply to a completion: the text, why it ended, and what it cost."""

import codecs
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

from msgspec import UNSET

from harness.completion import Completion
from harness.model import Request
from harness.models.prices import Price

_SHOWN = 160
"""Characters of an odd reply that a sentence quotes."""
_MOST_TOKENS = 1 << 40
_PART_KINDS = {"thinking": "thinking", "reasoning": "thinking", "refusal": "refusal"}
"""By the type of a part of the content, up to its first dot; any other is text."""
_REASONS = {
    # OpenAI's words, and after them those of Mistral and TGI, Anthropic, Google, Cohere and Zhipu, in small letters.
    **dict.fromkeys(("length", "model_length", "max_tokens", "max_output_tokens", "max_new_tokens"), "length"),
    **dict.fromkeys(("model_context_window_exceeded", "max_length"), "length"),
    **dict.fromkeys(("content_filter", "refusal", "safety", "recitation", "blocklist", "spii", "sensitive"), "refusal"),
    **dict.fromkeys(("prohibited_content", "image_safety", "error_toxic"), "refusal"),
}
_BROKEN = frozenset(
    # vLLM; OpenRouter and Mistral; DeepSeek; Zhipu
    {"abort", "error", "insufficient_system_resource", "network_error"}
)
"""Reasons that say that the server, not the model, ended the answer: it is asked again."""


class UnreadableReplyError(Exception):
    """The server said 200, but its reply is cut short or holds no answer; the text says what it holds."""


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """What decides a completion apart from the request it answers; kept as it stands in the cache of answers."""

    text: str
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    served: str = ""
    """The model's name as the server gives it, such as a dated snapshot."""
    reasoning: str = ""
    """What the model thought, where the server sends that apart."""
    reasoning_tokens: int | None = None
    """None where the server does not count them apart."""
    counted: bool = True
    """Whether the server said how many tokens it took; where not, the numbers are 0 and the cost is unknown."""

    def completion(self, request: Request, seconds: float, cost: float | None) -> Completion:
        return Completion(
            task_id=request.task_id,
            sample=request.sample,
            turn=request.turn,
            prompt_sha256=request.prompt.sha256,
            completion=self.text,
            finish_reason=self.finish_reason,
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            seconds=seconds,
            cost=cost,
            reasoning_content=self.reasoning or UNSET,
            reasoning_tokens=UNSET if self.reasoning_tokens is None else self.reasoning_tokens,
        )

    def cost(self, price: Price | None, *, in_batch: bool) -> float | None:
        """US dollars; None where there is no price, or no count of tokens to multiply it with."""
        if price is None or not self.counted:
            return None
        return price.cost(self.prompt_tokens, self.completion_tokens, in_batch=in_batch)


BEYOND_CONTEXT = ApiAnswer("", "length", 0, 0, counted=False)
"""What stands for a prompt that the server refuses as too long for the model; `hf:` records the same."""


def read_body(content: bytes) -> Any:
    """The JSON of a reply's body. Raises UnreadableReplyError, or what reading bad JSON raises.

    Read here, as the client's own types cost half a millisecond for each answer, and check nothing.
    """
    content = content.removeprefix(codecs.BOM_UTF8)
    begin = content[:200].lstrip()
    if begin[:1] in (b"", b"{", b"["):
        try:
            return json.loads(content)
        except (json.JSONDecodeError, UnicodeDecodeError):
            raise
        except ValueError as error:  # a number of thousands of digits
            raise UnreadableReplyError(f"it sent JSON that cannot be read ({_shown(error)})") from error
    is_stream = begin.startswith((b"data:", b"event:", b":"))
    raise UnreadableReplyError(
        f"it sent {'an event stream' if is_stream else 'no JSON'} ({_shown(content[:1000].decode(errors='replace'))})"
    )


def read_reply(reply: Any) -> ApiAnswer:
    """The answer in a reply's JSON, which may be anything. Raises UnreadableReplyError where there is none."""
    try:
        fault: Any = reply.get("error")
        if fault:
            words = cast("dict[str, Any]", fault).get("message", "") if isinstance(fault, dict) else fault
            raise UnreadableReplyError(f"it sent an error with status 200 ({_shown(words)})")
        choice: Any = reply["choices"][0]
        said = str(choice.get("finish_reason"))
        if said.lower() in _BROKEN or choice.get("error"):  # of a router, such as OpenRouter
            raise UnreadableReplyError(f"it broke the answer off ({_shown(choice.get('error') or said)})")
        message: Any = choice.get("message")
        content = message.get("content") if message else choice.get("text")
        text = _joined(content)
        refusal = (_joined(message.get("refusal")) if message else "") or _joined(content, "refusal")
        reasoning = (_thought(message) if message else "") or _joined(content, "thinking")
        served = str(reply.get("model") or "")
        usage = _fields(reply.get("usage"))
    except (AttributeError, IndexError, TypeError, KeyError) as error:
        raise UnreadableReplyError(f"there is no answer in {_shown(reply)}") from error
    prompt_tokens, completion_tokens = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    reason = "refusal" if refusal else _REASONS.get(said.lower(), "stop")
    return ApiAnswer(
        text or refusal,
        "empty" if reason == "stop" and not text else reason,
        prompt_tokens or 0,
        completion_tokens or 0,
        served,
        reasoning,
        _count(_fields(usage.get("completion_tokens_details")).get("reasoning_tokens")),
        prompt_tokens is not None and completion_tokens is not None,
    )


def _fields(value: object) -> dict[str, object]:
    """A JSON object; anything else says nothing."""
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _count(value: object) -> int | None:
    """A number of tokens; None for what cannot be one, such as a negative number or a text."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_TOKENS:
        return value
    return None


def _thought(message: Mapping[str, object]) -> str:
    """What the model thought, by the names that servers have for it; anything else than text is none."""
    for name in ("reasoning_content", "reasoning", "reasoning_details"):
        with suppress(TypeError):
            if thought := _joined(message.get(name), "any"):
                return thought
    return ""


def _joined(content: object, kind: str = "text") -> str:
    """The text of a message's content: a string, or a list of parts of which some may be thoughts or refusals.

    `kind` says which parts: text, thinking, refusal or any. Raises TypeError for anything else, which could be written
    down but never be read again.
    """
    if content is None or isinstance(content, str):
        return "" if content is None or kind not in ("text", "any") else content
    if not isinstance(content, list):
        raise TypeError(type(content).__name__)
    texts: list[str] = []
    for part in cast("list[object]", content):
        if isinstance(part, str):
            texts.append(_joined(part, kind))
            continue
        if not isinstance(part, dict):
            raise TypeError(type(part).__name__)
        fields = cast("dict[str, object]", part)
        own = _PART_KINDS.get(str(fields.get("type")).partition(".")[0], "text")
        if kind in (own, "any"):
            inner = next((fields[name] for name in (own, "text", "summary") if name in fields), None)
            texts.append(inner if isinstance(inner, str) else _joined(inner))
    return "".join(texts)


def _shown(value: object) -> str:
    return repr(" ".join(str(value).split())[:_SHOWN])
