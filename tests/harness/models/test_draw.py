from collections import Counter
from typing import Any

import pytest

from harness.model import Sampling

torch = pytest.importorskip("torch", reason="the extra 'hf' is not installed")

ROWS = 4000
EVEN_LUCK = [(number + 0.5) / ROWS for number in range(ROWS)]
"""Evenly spread numbers: each token then comes as often as its probability says, to within one."""


def frequencies(logits: Any, sampling: Sampling) -> Any:
    from harness.models.hf.sampling import next_tokens

    counts = Counter(next_tokens(logits.expand(ROWS, -1), sampling, EVEN_LUCK))
    return torch.tensor([counts[token] / ROWS for token in range(logits.shape[-1])])


@pytest.mark.parametrize(
    "sampling",
    [
        Sampling(temperature=1.0),
        Sampling(temperature=0.3),
        Sampling(temperature=1.0, top_k=3),
        Sampling(temperature=1.0, top_p=0.6),
        Sampling(temperature=0.7, top_k=7, top_p=0.8),
        Sampling(temperature=1.5, top_p=0.999),
        Sampling(temperature=1.0, top_p=1e-6),
    ],
)
@pytest.mark.parametrize("vocabulary", [11, 700])
def test_tokens_come_as_often_as_in_transformers(sampling: Sampling, vocabulary: int):
    import transformers

    peer: Any = transformers
    generator = torch.Generator().manual_seed(vocabulary)
    logits = 2 * torch.randn(1, vocabulary, generator=generator)
    warped = peer.TemperatureLogitsWarper(sampling.temperature)(None, logits)
    if sampling.top_k:
        warped = peer.TopKLogitsWarper(sampling.top_k)(None, warped)
    if sampling.top_p < 1:
        warped = peer.TopPLogitsWarper(sampling.top_p)(None, warped)
    expected = warped.softmax(dim=-1)[0]
    assert (frequencies(logits, sampling) - expected).abs().max() <= 1.01 / ROWS


def test_greedy_takes_the_likeliest_and_needs_no_luck():
    from harness.models.hf.sampling import next_tokens

    assert next_tokens(torch.tensor([[0.0, 2.0, 1.0], [3.0, 2.0, 1.0]]), Sampling(), []) == [1, 0]


def test_the_largest_number_below_one_finds_a_token_that_may_come():
    from harness.models.hf.sampling import next_tokens

    logits = torch.tensor([[0.0, 1.0, -torch.inf, -torch.inf]])
    assert next_tokens(logits, Sampling(temperature=1.0), [1 - 2**-53]) == [1]
    assert next_tokens(logits, Sampling(temperature=1.0), [0.0]) == [0]
