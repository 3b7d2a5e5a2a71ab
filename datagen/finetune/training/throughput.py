"""How fast a training ran, and what share of the device's peak that is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

PEAK_TFLOPS: Mapping[str, float] = {
    "H200": 989.0,
    "H100": 989.0,
    "A100": 312.0,
    "L40S": 362.0,
    "A10": 125.0,
    "RTX 4090": 165.0,
    "V100": 125.0,
}
"""Dense bfloat16 (V100: float16) peaks of NVIDIA's data sheets, by a part of the device's name; first fit counts."""

FORMULA = "tokens/s x (6 x parameters + 12 x layers x hidden x context) / (processes x peak)"
"""Context is the mean length of a row, weighted by tokens: packed rows do not attend to each other."""


@dataclass(frozen=True, slots=True)
class StepTime:
    """One optimizer step."""

    tokens: int
    """Without padding."""
    seconds: float


@dataclass(frozen=True, slots=True)
class ModelShape:
    """What the formula needs of a model."""

    parameters: int
    layers: int
    hidden: int

    def flops_per_token(self, context: float) -> float:
        """Forward and backward (Chowdhery et al. 2022, appendix B)."""
        return 6 * self.parameters + 12 * self.layers * self.hidden * context


@dataclass(frozen=True, slots=True)
class Throughput:
    """The figures of a report."""

    tokens: int
    seconds: float
    tokens_per_second: float
    """Median over steps, so that a first slow one does not count."""
    mean_context: float
    mfu: float | None
    """None where the device's peak is not known."""
    peak_tflops: float


def measure(
    steps: Sequence[StepTime], shape: ModelShape, lengths: Sequence[int], processes: int, peak: float
) -> Throughput:
    """Throughput of the steps; `peak` in TFLOP/s of one device, 0 where it is not known."""
    speed = median(step.tokens / step.seconds for step in steps if step.seconds > 0) if steps else 0.0
    context = sum(n * n for n in lengths) / max(1, sum(lengths))
    used = speed * shape.flops_per_token(context)
    return Throughput(
        tokens=sum(step.tokens for step in steps),
        seconds=sum(step.seconds for step in steps),
        tokens_per_second=speed,
        mean_context=context,
        mfu=used / (processes * peak * 1e12) if peak else None,
        peak_tflops=peak,
    )


def peak_of(device_name: str) -> float:
    """Peak in TFLOP/s of a device by its name; 0 where it is not known."""
    return next((peak for name, peak in PEAK_TFLOPS.items() if name in device_name), 0.0)


def shape_of(model: Any) -> ModelShape:
    """The shape of a transformers model; embeddings that are only looked up do not compute and are left out."""
    config = model.config.get_text_config()
    total = sum(parameter.numel() for parameter in model.parameters())
    looked_up = 0 if config.tie_word_embeddings else model.get_input_embeddings().weight.numel()
    return ModelShape(total - looked_up, config.num_hidden_layers, config.hidden_size)
