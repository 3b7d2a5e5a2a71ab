"""Estimates how much memory a training needs, and how much is free."""

from dataclasses import dataclass

import psutil

from datagen.finetune.config import FinetuneConfig, FinetuneError, Precision, Sharding
from datagen.finetune.training.throughput import ModelShape

GIB = 1 << 30
_STATE_BYTES = {"adamw": 2.0, "adafactor": 0.02}
"""Numbers the optimizer keeps for each weight; Adafactor keeps rows and columns only."""


@dataclass(frozen=True, slots=True)
class ExpectedMemory:
    """Bytes of one process."""

    states: int
    """Weights, gradients and optimizer: needed for certain."""
    activations: int
    """An estimate: Llama's layers and the logits."""

    @property
    def total(self) -> int:
        return self.states + self.activations


def expected_memory(
    config: FinetuneConfig, shape: ModelShape, weights: int, trained: int, vocabulary: int
) -> ExpectedMemory:
    """`trained` is how many of the `weights` learn: all, or a LoRA adapter's."""
    weight = 2 if config.precision is Precision.PURE_BF16 else 4
    parts = config.processes if config.sharding is Sharding.FSDP else 1
    numbers = weights + trained * (1 + _STATE_BYTES[config.optimizer])
    tokens = config.micro_batch * config.sequence
    wide = 4 if config.precision is Precision.FLOAT32 else 2
    # Korthikanti et al. 2022: 34 bytes a token and hidden unit at 2 bytes a number, the attention map recomputed;
    # with checkpointing one copy of the hidden state a layer, and one layer at work.
    layer = 17 * wide * tokens * shape.hidden
    hidden = wide * tokens * shape.hidden
    kept = hidden * shape.layers + layer if config.gradient_checkpointing else layer * shape.layers
    logits = tokens * vocabulary * (wide + 8)
    return ExpectedMemory(int(numbers * weight / parts), kept + logits)


def refuse_too_large(expected: ExpectedMemory, free: int, config: FinetuneConfig) -> None:
    """Raises FinetuneError when even weights, gradients and optimizer do not fit."""
    if config.check_memory and expected.states > free:
        raise FinetuneError(
            f"Weights, gradients and optimizer need {expected.states / GIB:.1f} GiB, but only {free / GIB:.1f} GiB are "
            f"free: train an adapter (lora), share the load (processes and sharding = 'fsdp'), or take a smaller base."
        )


def free_memory(device: str) -> int:
    """Free bytes on the training device."""
    if device.startswith("cuda"):
        import torch

        return int(torch.cuda.mem_get_info()[0])
    return int(psutil.virtual_memory().available)


def out_of_memory(config: FinetuneConfig) -> FinetuneError:
    """The error for a training that ran out of memory."""
    return FinetuneError(
        f"Out of memory with micro_batch = {config.micro_batch!r} sequences of {config.sequence!r} tokens: lower "
        f"micro_batch or sequence, set gradient_checkpointing = true, or train an adapter (lora); "
        f"the same command then resumes from the last checkpoint."
    )
