"""What a model answered."""

from dataclasses import dataclass

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
