"""Micro-batches as tensors. Rows that share a sequence do not attend to each other; positions start at 0 in each."""

from collections.abc import Sequence
from typing import Any

import torch

from datagen.finetune.rows.encode import IGNORED, EncodedRow
from datagen.finetune.rows.schedule import MicroBatch

Batch = dict[str, torch.Tensor]


class MicroBatches(torch.utils.data.Dataset[Batch]):
    """Item i is the i-th micro-batch, made when it is asked for."""

    def __init__(
        self, rows: Sequence[EncodedRow], micro_batches: Sequence[MicroBatch], pad: int, flat: bool, masked: bool
    ) -> None:
        """`flat` lays all bins of a micro-batch behind each other, as flash attention wants packed sequences.

        `masked` marks padding by a mask in place of positions, for architectures that do not heed positions.
        """
        self._rows = rows
        self._micro_batches = micro_batches
        self._pad = pad
        self._flat = flat
        self._masked = masked

    def __len__(self) -> int:
        return len(self._micro_batches)

    def __getitem__(self, index: int) -> Batch:
        bins = [[self._rows[row] for row in each] for each in self._micro_batches[index]]
        if self._flat:
            bins = [[row for each in bins for row in each]]
        return to_masked_batch(bins, self._pad) if self._masked else to_batch(bins, self._pad)


def to_batch(bins: Sequence[Sequence[EncodedRow]], pad: int) -> Batch:
    """Tensors of shape (bins, longest bin): input_ids, labels, position_ids.

    Positions begin at 0 with every row, by which transformers separates packed rows and builds a block-diagonal
    mask, or flash attention's boundaries. Each padding token is a row of its own without a label. No bin at all
    becomes one token without a label: a loss of 0 and gradients of 0.
    """
    filled = [each for each in bins if each] or [[EncodedRow((pad,), 1)]]
    width = max(sum(len(row) for row in each) for each in filled)
    ids = [[token for row in each for token in row.ids] for each in filled]
    labels = [[label for row in each for label in row.labels] for each in filled]
    positions = [[place for row in each for place in range(len(row))] for each in filled]
    return {
        "input_ids": _pad_lines(ids, width, pad),
        "labels": _pad_lines(labels, width, IGNORED),
        "position_ids": _pad_lines(positions, width, 0),
    }


def to_masked_batch(bins: Sequence[Sequence[EncodedRow]], pad: int) -> Batch:
    """The same with an attention mask in place of positions; each bin must hold one row."""
    batch = to_batch(bins, pad)
    del batch["position_ids"]
    lengths = torch.tensor([sum(len(row) for row in each) or 1 for each in bins if each] or [1])
    batch["attention_mask"] = (torch.arange(batch["input_ids"].shape[1])[None] < lengths[:, None]).long()
    return batch


def only(items: Sequence[Batch]) -> Batch:
    """The collator: a micro-batch is one item already."""
    (batch,) = items
    return batch


def response_loss(outputs: Any, labels: torch.Tensor, num_items_in_batch: torch.Tensor | int | None = None) -> Any:
    """Cross entropy of each next token, summed over labels and divided by the step's number of them.

    So the loss of a step is a mean over tokens, however its rows are spread over bins, micro-batches and processes.
    """
    wanted = labels[:, 1:]
    count = (wanted != IGNORED).sum() if num_items_in_batch is None else num_items_in_batch
    logits = outputs.logits[:, :-1].float()
    if not logits.shape[1]:
        return outputs.logits.sum() * 0.0
    loss = torch.nn.functional.cross_entropy(
        logits.reshape(-1, logits.shape[-1]), wanted.reshape(-1), ignore_index=IGNORED, reduction="sum"
    )
    return loss / count


def _pad_lines(lines: list[list[int]], width: int, filler: int) -> torch.Tensor:
    return torch.tensor([line + [filler] * (width - len(line)) for line in lines])
