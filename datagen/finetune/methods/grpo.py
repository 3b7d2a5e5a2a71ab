"""TRL's GRPOTrainer, whose order of prompts is the same after a resume."""

from importlib import import_module
from typing import Any

import torch

_Trainer: Any = import_module("trl").GRPOTrainer
_Sampler: Any = import_module("trl.trainer.utils").RepeatSampler
"""Any, as the types of both are partial."""


class EpochSampler(_Sampler):
    """TRL's order of every epoch. TRL's own sampler gives a resumed training the order of the first epoch again."""

    def set_epoch(self, epoch: int) -> None:
        """transformers calls it before each epoch."""
        self.generator.manual_seed(self.seed)
        for _ in range(epoch):
            torch.randperm(self.num_samples, generator=self.generator)


class ResumableGRPOTrainer(_Trainer):
    """GRPOTrainer with that order."""

    def _get_train_sampler(self, dataset: Any = None) -> Any:
        parent: Any = super()
        sampler = parent._get_train_sampler(dataset)
        names = ("data_source", "mini_repeat_count", "batch_size", "repeat_count", "shuffle", "seed")
        return EpochSampler(**{name: getattr(sampler, name) for name in names})
