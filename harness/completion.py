"""What a model answered."""

from dataclasses import dataclass
from enum import StrEnum

from msgspec import UNSET, UnsetType

from tasks.task import AnswerForm


@dataclass(frozen=True, slots=True)
class Completion:
    """One answer of a model, as it stands in completions.jsonl."""

    task_id: str
    sample: int
    turn: int
    prompt_sha256: str
    completion: str
    """The raw text, never trimmed."""
    finish_reason: str
    """stop, length, refusal or empty."""
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    """Wall time of the request or of the batch that held it."""
    cost: float | None = None
    """US dollars by the price table; 0 where the answer was kept from before, None where no price is known."""
    form: AnswerForm | UnsetType = UNSET
    """What the text is, of samples made elsewhere; left out of a model's answers."""
    reasoning_content: str | UnsetType = UNSET
    """What the model thought before it answered, where a server sends that apart; never judged. Else left out."""
    reasoning_tokens: int | UnsetType = UNSET
    """How many of `completion_tokens` the server counts as thinking; left out where it does not say."""

    @property
    def loss(self) -> "Loss | None":
        """What the answer lost of itself before it was judged; None for a whole one."""
        has_reasoning = bool(self.reasoning_content)  # UNSET is false
        return loss_of(self.finish_reason, bool(self.completion.strip()), self.completion_tokens, has_reasoning)


class Loss(StrEnum):
    """Why an answer is not what the model would have said; of several reasons the first counts."""

    REFUSED = "refused"
    """The model, or a filter of its server, did not answer."""
    BEYOND_CONTEXT = "beyond the context"
    """The prompt does not fit into the model's context: nothing was generated."""
    THINKING_ONLY = "thinking only"
    """All that came was reasoning that the server sends apart."""
    CUT = "cut"
    """It reached the limit of new tokens, or the end of the context."""
    EMPTY = "empty"
    """No text, and no reason given."""


def loss_of(finish_reason: str, has_text: bool, completion_tokens: int, has_reasoning: bool) -> Loss | None:
    """What an answer lost, from the fields of its line; a text of blanks alone is none."""
    if finish_reason == "refusal":
        return Loss.REFUSED
    if not has_text and has_reasoning:
        return Loss.THINKING_ONLY
    if finish_reason == "length":
        return Loss.CUT if has_text or completion_tokens else Loss.BEYOND_CONTEXT
    return None if has_text and finish_reason != "empty" else Loss.EMPTY
