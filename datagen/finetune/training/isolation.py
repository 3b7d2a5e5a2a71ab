"""Whether rows that share a sequence are kept apart: found out by changing one row and looking at the next.

Rows are told apart by positions that begin at 0 again. Attention that builds its mask from them keeps rows apart;
recurrent layers, and attention that counts positions by itself, do not, and nothing says so.
"""

import random
from typing import Any

from datagen.finetune.base.model import attention_of
from datagen.finetune.config import FinetuneConfig, Precision
from datagen.finetune.rows.batches import to_batch
from datagen.finetune.rows.encode import EncodedRow

_ROW_TOKENS = 24
"""Longer than the convolutions of the recurrent architectures."""
_TOLERANCE = {Precision.FLOAT32: 1e-3, Precision.BF16: 1e-3, Precision.PURE_BF16: 0.1}
"""Of the logits' spread: rounding stays far below, leaks that were seen lie far above."""


def leaks_between_rows(model: Any, config: FinetuneConfig) -> bool:
    """Whether a row's logits depend on the row before it, or differ from those that it has alone."""
    import torch

    known = int(model.get_input_embeddings().weight.shape[0])
    draw = random.Random(0)
    first, other, second = (EncodedRow(tuple(draw.randrange(known) for _ in range(_ROW_TOKENS)), 1) for _ in range(3))
    packed = [[[first, second]], [[other, second]], [[second]]]
    attention, device = attention_of(config), next(model.parameters()).device
    if attention == "flash_attention_2":
        # Its kernels need the GPU, where a model that will be sharded may not fit; what counts is the architecture's
        # own way with positions, which another implementation shows as well.
        model.set_attn_implementation("sdpa")
    was_training: bool = model.training
    model.eval()
    outcomes: list[torch.Tensor] = []
    try:
        with torch.no_grad():
            for bins in packed:
                batch = to_batch(bins, 0)
                batch.pop("labels")
                logits = model(**{name: tensor.to(device) for name, tensor in batch.items()}).logits
                outcomes.append(logits[0, -_ROW_TOKENS:].float())
    except (TypeError, ValueError, NotImplementedError):
        return True  # an architecture that takes no positions cannot keep rows apart
    finally:
        model.train(was_training)
        if attention == "flash_attention_2":
            model.set_attn_implementation(attention)
    spread = float(outcomes[2].std()) + 1e-12
    largest = max(float((outcomes[0] - each).abs().max()) for each in outcomes[1:])
    return not largest <= _TOLERANCE[config.precision] * spread
