"""The loss on rows that were not trained on."""

from collections.abc import Sequence
from typing import Any

from datagen.finetune.base.model import attention_of
from datagen.finetune.config import FinetuneConfig, Precision
from datagen.finetune.rows.encode import EncodedRow


def held_out_loss(
    model: Any, rows: Sequence[EncodedRow], pad: int, config: FinetuneConfig, keeps_apart: bool = True
) -> float:
    """Mean cross entropy in nats over all response tokens of all rows; nan where there is no row.

    Rows are packed where the architecture keeps them apart.
    """
    import torch

    from datagen.finetune.rows.batches import response_loss, to_batch, to_masked_batch
    from datagen.finetune.rows.schedule import pack

    lengths = [len(row) for row in rows]
    bins = pack(range(len(rows)), lengths, config.sequence) if keeps_apart else [(row,) for row in range(len(rows))]
    batch_of = to_batch if keeps_apart else to_masked_batch
    size = 1 if attention_of(config) == "flash_attention_2" else config.micro_batch
    device = next(model.parameters()).device
    was_training: bool = model.training
    model.eval()
    total, count = 0.0, 0
    with torch.no_grad(), torch.autocast(device.type, torch.bfloat16, enabled=config.precision is Precision.BF16):
        for begin in range(0, len(bins), size):
            chosen = [[rows[row] for row in each] for each in bins[begin : begin + size]]
            batch = {name: tensor.to(device) for name, tensor in batch_of(chosen, pad).items()}
            labels = batch.pop("labels")
            total += float(response_loss(model(**batch), labels, 1))
            count += sum(row.response_tokens for each in chosen for row in each)
    model.train(was_training)
    return total / count if count else float("nan")
