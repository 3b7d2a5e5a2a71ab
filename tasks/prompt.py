"""What a model is asked: text to continue, or chat messages."""

import hashlib
import json
from dataclasses import dataclass, fields
from typing import Literal


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """Exactly one of `text` and `messages` is set."""

    text: str | None = None
    """A text for the model to continue."""
    messages: tuple[Message, ...] = ()
    """A chat for the model to answer; the model's own chat template words it."""
    stop: tuple[str, ...] = ()
    """The model may stop at the first of these; what follows is never part of an answer."""
    prefill: str = ""
    """The beginning of the answer, put into the model's mouth (chat only)."""
    fence_language: str = ""
    """Set, such as "python", when the wording asks for one fenced block of that language. No back end stops there: the
    first block that closes may be a thought, a draft or a helper."""

    @property
    def as_text(self) -> str:
        """The prompt as one text for readers: a chat turn by turn, each under its role."""
        if self.text is not None:
            return self.text
        chat = "\n\n".join(f"[{message.role}]\n{message.content}" for message in self.messages)
        return f"{chat}\n\n[the answer begins with]\n{self.prefill}" if self.prefill else chat

    @property
    def sha256(self) -> str:
        """Identity of the wording, as kept beside every completion."""
        # `asdict` copies every text; a loop of many requests spends a tenth of its time there.
        texts = {each.name: getattr(self, each.name) for each in fields(self)}
        texts["messages"] = [{"role": each.role, "content": each.content} for each in self.messages]
        return hashlib.sha256(json.dumps(texts, sort_keys=True).encode()).hexdigest()
