"""From a server's reply to a completion: the text, why it ended, and what it cost."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.completion import Completion
from harness.model import Request
from harness.models.prices import Price

if TYPE_CHECKING:
    from openai.types import Completion as TextReply
    from openai.types.chat import ChatCompletion as ChatReply


class UnreadableReplyError(Exception):
    """The server said 200, but its reply is cut short or holds no answer."""


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """What decides a completion apart from the request it answers; kept as it stands in the cache of answers."""

    text: str
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    served: str = ""
    """The model's name as the server gives it, such as a dated snapshot."""

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
        )

    def cost(self, price: Price | None, *, in_batch: bool) -> float | None:
        """US dollars; None where there is no price."""
        return price.cost(self.prompt_tokens, self.completion_tokens, in_batch=in_batch) if price else None


def read_reply(reply: "ChatReply | TextReply") -> ApiAnswer:
    """Raises UnreadableReplyError. The client checks no types, so a proxy's page may stand where a reply should."""
    try:
        choice = reply.choices[0]
        message = getattr(choice, "message", None)
        refusal: str = getattr(message, "refusal", None) or ""
        text: str = (message.content if message else getattr(choice, "text", None)) or refusal
        return ApiAnswer(
            text,
            _finish_reason(text, str(choice.finish_reason), refused=bool(refusal)),
            reply.usage.prompt_tokens if reply.usage else 0,
            reply.usage.completion_tokens if reply.usage else 0,
            reply.model,
        )
    except (AttributeError, IndexError, TypeError) as error:
        raise UnreadableReplyError(f"no answer in {str(reply)[:100]!r}") from error


def _finish_reason(text: str, said: str, *, refused: bool) -> str:
    if refused or said == "content_filter":
        return "refusal"
    if said == "length":
        return "length"
    return "stop" if text else "empty"
