"""Which token comes next: the likeliest, or one drawn with the sequence's own random number."""

from collections.abc import Sequence
from typing import cast

import torch

from harness.model import Sampling

HEAD_TOKENS = 256
"""A nucleus rarely needs more; sorting the whole vocabulary costs more than the rest of a step on a CPU."""


def next_tokens(logits: torch.Tensor, sampling: Sampling, uniforms: Sequence[float]) -> list[int]:
    """One token per row of logits (rows, vocabulary); `uniforms` holds one number in [0, 1) per row.

    Drawing inverts the cumulative distribution at that number, so that a row's token hangs on its own logits and its
    own number alone. Order of the filters as in transformers: temperature, top_k, top_p (Holtzman et al. 2020).
    """
    if sampling.temperature <= 0:
        return _listed(logits.argmax(dim=-1))
    probabilities = torch.softmax(logits.float() / sampling.temperature, dim=-1)
    numbers = torch.tensor(uniforms, dtype=torch.float64, device=logits.device).unsqueeze(1)
    if sampling.top_k <= 0 and sampling.top_p >= 1:
        # Nothing to filter: no sorting at all.
        return _listed(_invert(probabilities, numbers).squeeze(1))
    vocabulary = probabilities.shape[-1]
    if sampling.top_k > 0:
        likeliest, tokens = probabilities.topk(min(sampling.top_k, vocabulary))
        likeliest = likeliest / likeliest.sum(dim=-1, keepdim=True)
    else:
        likeliest, tokens = probabilities.topk(min(HEAD_TOKENS, vocabulary))
        if bool((likeliest.sum(dim=-1) < sampling.top_p).any()):  # the nucleus reaches beyond them: sort everything
            likeliest, tokens = probabilities.sort(dim=-1, descending=True, stable=True)
    # The nucleus: the fewest likeliest tokens that together reach top_p, those before which it is not yet reached.
    reached_before = (likeliest.cumsum(dim=-1) - likeliest) >= sampling.top_p
    reached_before[:, 0] = False
    nucleus = likeliest.masked_fill(reached_before, 0.0)
    return _listed(tokens.gather(1, _invert(nucleus, numbers)).squeeze(1))


def _listed(tokens: torch.Tensor) -> list[int]:
    return cast("list[int]", tokens.tolist())  # pyright: ignore[reportUnknownMemberType] - torch leaves its list untyped


def _invert(weights: torch.Tensor, numbers: torch.Tensor) -> torch.Tensor:
    """The column where the running sum of weights first exceeds the row's number times their total."""
    running = weights.cumsum(dim=-1, dtype=torch.float64)
    total = running[:, -1:]
    # Strictly below the total, whatever rounding does: the column found then always has a weight of its own.
    wanted = torch.minimum(numbers * total, torch.nextafter(total, torch.zeros_like(total)))
    return torch.searchsorted(running, wanted, right=True)
