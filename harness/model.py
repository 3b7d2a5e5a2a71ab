"""What every model back end offers: requests in, completions out as they finish."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from harness.completion import Completion
from sandbox.errors import WavebenchError
from tasks.prompt import Prompt


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are drawn; recorded in full with every run."""

    temperature: float = 0.0
    """0 is greedy."""
    top_p: float = 1.0
    top_k: int = 0
    """0 keeps every token."""
    max_tokens: int = 512
    """New tokens per completion."""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """One completion wanted."""

    task_id: str
    sample: int
    turn: int
    prompt: Prompt
    seed: int
    """Drawn from the run's seed, the task id and the sample alone, so that order and batch do not change it."""


class Model(Protocol):
    """A model that answers. Replaying, serving and loading all look alike from outside."""

    @property
    def name(self) -> str: ...

    def facts(self) -> Mapping[str, str]:
        """What the manifest should say of it: revision or file hash, dtype, library versions. Never a key."""
        ...

    def answer(self, requests: Iterable[Request], sampling: Sampling) -> Iterator[Completion]:
        """Answers every request exactly once, in any order, each as soon as it is finished.

        To iterate over `requests` is always right. Where several processes share a run, `requests` is also a
        `sandbox.sandbox.JobQueue`: a back end that works on many at once takes from it for as long as it is not
        closed (`as_queue`), while iterating gives only what is there now.

        Raises ModelError when the model cannot answer at all; what was yielded before stays good.
        """
        ...


class ModelError(WavebenchError):
    """The model cannot answer: unreachable, unknown, or a missing extra. Carries one sentence with the remedy."""
