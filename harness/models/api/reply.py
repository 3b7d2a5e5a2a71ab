"""From a server's reply to a completion: the text, why it ended, and what it cost."""

import json
from dataclasses import dataclass
from typing import Any, cast

from msgspec import UNSET

from harness.completion import Completion
from harness.model import Request
from harness.models.prices import Price

_SHOWN = 160
"""Characters of an odd reply that a sentence quotes."""


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
    begin = content[:200].lstrip()
    if begin[:1] in (b"", b"{", b"["):
        return json.loads(content)
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
        message: Any = choice.get("message")
        refusal = _joined(message.get("refusal")) if message else ""
        text = _joined(message.get("content") if message else choice.get("text"))
        # vLLM, DeepSeek and llama.cpp say reasoning_content; OpenRouter and vLLM from 0.11 on say reasoning.
        thought = (message.get("reasoning_content") or message.get("reasoning")) if message else None
        reasoning = _joined(thought) or (_joined(message.get("content"), thinking=True) if message else "")
        usage: Any = reply.get("usage") or {}
        prompt_tokens: object = usage.get("prompt_tokens")
        completion_tokens: object = usage.get("completion_tokens")
        details: Any = usage.get("completion_tokens_details") or {}
        thinking_tokens: object = details.get("reasoning_tokens")
        said = str(choice.get("finish_reason"))
        served = str(reply.get("model") or "")
    except (AttributeError, IndexError, TypeError, KeyError) as error:
        raise UnreadableReplyError(f"there is no answer in {_shown(reply)}") from error
    reason = "refusal" if refusal or said == "content_filter" else "length" if said == "length" else "stop"
    return ApiAnswer(
        text or refusal,
        "empty" if reason == "stop" and not text else reason,
        prompt_tokens if isinstance(prompt_tokens, int) else 0,
        completion_tokens if isinstance(completion_tokens, int) else 0,
        served,
        reasoning,
        thinking_tokens if isinstance(thinking_tokens, int) else None,
        isinstance(prompt_tokens, int) and isinstance(completion_tokens, int),
    )


def _joined(content: object, *, thinking: bool = False) -> str:
    """The text of a message's content: a string, or a list of parts of which some may be thoughts.

    Raises TypeError for anything else, which could be written down but never be read again.
    """
    if content is None or isinstance(content, str):
        return "" if content is None or thinking else content
    if not isinstance(content, list):
        raise TypeError(type(content).__name__)
    texts: list[str] = []
    for part in cast("list[object]", content):
        if not isinstance(part, dict):
            raise TypeError(type(part).__name__)
        fields = cast("dict[str, object]", part)
        is_thought = str(fields.get("type", "text")) in ("thinking", "reasoning")
        if is_thought == thinking:
            inner = fields.get("thinking" if "thinking" in fields else "text")
            texts.append(inner if isinstance(inner, str) else _joined(inner))
    return "".join(texts)


def _shown(value: object) -> str:
    return repr(" ".join(str(value).split())[:_SHOWN])
