"""What came out of a training: the numbers that tables and reports are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datagen.finetune.training.throughput import Throughput


@dataclass(frozen=True, slots=True)
class StepLog:
    """One optimizer step."""

    step: int
    loss: float
    """Mean over the step's response tokens."""
    learning_rate: float
    gradient_norm: float
    tokens: int
    seconds: float


@dataclass(frozen=True, slots=True)
class HeldOutLoss:
    """The held-out loss after so many steps."""

    step: int
    loss: float


@dataclass(frozen=True, slots=True)
class Training:
    """One finished training."""

    steps: int
    rows: int
    weights_sha256: str
    """Of model/, as every run folder of that model names it."""
    throughput: Throughput
    held_out: tuple[HeldOutLoss, ...]
    """Before the first step, on the way, and at the end."""

    @property
    def loss_before(self) -> float | None:
        return self.held_out[0].loss if self.held_out else None

    @property
    def loss_after(self) -> float | None:
        return self.held_out[-1].loss if self.held_out else None


def step_logs(history: Sequence[Mapping[str, Any]]) -> list[StepLog]:
    """The steps in a Trainer's log."""
    return [
        StepLog(
            int(entry["step"]),
            float(entry["loss"]),
            float(entry["learning_rate"]),
            float(entry.get("grad_norm") or 0.0),
            int(entry["tokens"]),
            float(entry["seconds"]),
        )
        for entry in history
        if "loss" in entry
    ]


def held_out_losses(history: Sequence[Mapping[str, Any]]) -> list[HeldOutLoss]:
    """The held-out losses in a Trainer's log."""
    return [HeldOutLoss(int(e["step"]), float(e["held_out_loss"])) for e in history if "held_out_loss" in e]
