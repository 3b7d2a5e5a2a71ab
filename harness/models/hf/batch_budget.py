"""How much one batch may hold: what the user allows, and less once memory has run out."""

import gc
from dataclasses import dataclass

import torch

from harness.files.progress import warn

_SAID = ("out of memory", "not enough memory", "can't allocate memory", "could not allocate", "bad_alloc")
"""How torch's allocators on processors and accelerators, and oneDNN's, say it; only CUDA's has a class of its own."""


@dataclass(slots=True)
class BatchBudget:
    """Rows and tokens of one batch."""

    tokens: int
    """Rows times the tokens of the longest one, its answer counted at full length."""
    rows: int
    prefill_tokens: int = 4096
    """The most prompt tokens read in one pass, padding included."""

    def holds(self, rows: int, longest: int) -> bool:
        """Whether a batch of so many rows, the longest of so many tokens, is small enough."""
        return rows <= self.rows and rows * longest <= self.tokens

    def shrink(self, rows: int, longest: int) -> None:
        """Halves what a batch may hold, counted from the one that was too large. It never grows again in this run."""
        # From the batch that failed, which may have been smaller than the budget.
        self.tokens = max(1, min(self.tokens, rows * longest) // 2)
        self.prefill_tokens = max(1, self.prefill_tokens // 2)
        warn(f"Memory ran out with {rows} sequences in a batch: it now holds {self.tokens} tokens (batch_tokens).")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether smaller batches may help."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in _SAID)


def free_memory() -> None:
    """Gives back what nothing refers to any more."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
