"""What a fine-tuning is asked to be: one frozen configuration from TOML, its preset's values filled in."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Any

from harness.runs.settings import (
    ConfigError,
    fill_preset,
    parse_settings,
    read_settings,
    resolve_model,
    resolve_path,
)
from sandbox.errors import WavebenchError


class FinetuneError(WavebenchError):
    """Training cannot begin or continue; the user can fix the cause."""


class Precision(StrEnum):
    """Numeric precision."""

    FLOAT32 = "float32"
    """Everything in 32 bits."""
    BF16 = "bf16"
    """Weights and optimizer in 32 bits, matrix products in bfloat16."""
    PURE_BF16 = "pure-bf16"
    """Weights and optimizer in bfloat16 too: half the memory, small updates may be rounded away."""


class Device(StrEnum):
    """Training device."""

    AUTO = "auto"
    """The GPU where there is one."""
    CPU = "cpu"
    """The processor."""
    CUDA = "cuda"
    """The GPU, or an error."""


class Sharding(StrEnum):
    """What each of several processes holds."""

    DDP = "ddp"
    """Each holds the whole model."""
    FSDP = "fsdp"
    """Each holds a part of weights, gradients and optimizer."""


class LongRows(StrEnum):
    """What becomes of a row longer than the sequence."""

    TRUNCATE = "truncate"
    """Its response loses its end, and with it the end-of-text token."""
    DROP = "drop"
    """It is left out."""


class EmptyResponses(StrEnum):
    """What becomes of a row without a response or without an instruction."""

    REFUSE = "refuse"
    """Training does not begin."""
    DROP = "drop"
    """It is left out and counted."""


class TrainingMethod(StrEnum):
    """What is learnt from the rows."""

    SFT = "sft"
    """The answers of instruction rows."""
    GRPO = "grpo"
    """What a reward pays for, by answers that the model makes while it trains; by TRL."""
    DPO = "dpo"
    """To prefer one answer to another; by TRL."""
    KTO = "kto"
    """To give more of the answers labelled right, less of the others; by TRL."""


@dataclass(frozen=True, slots=True)
class TrlSettings:
    """What GRPO, DPO and KTO need besides."""

    reward: str = "wavebench.rewards:code_reward"
    """MODULE:FUNCTION of the reward that GRPO asks."""
    generations: int = 8
    """Answers of one prompt that GRPO compares; batch_rows is a multiple of it."""
    new_tokens: int = 256
    """The most new tokens of such an answer."""
    temperature: float = 1.0
    """Sampling temperature of such an answer."""
    beta: float = -1.0
    """Weight of the distance from the base model; below 0 takes TRL's own for the method."""


@dataclass(frozen=True, slots=True)
class LoraSettings:
    """A low-rank adapter in place of all weights (Hu et al. 2021)."""

    rank: int = 8
    """Rank of the adapter's matrices."""
    alpha: int = 16
    """Scale of the adapter: its output is multiplied by alpha / rank."""
    dropout: float = 0.0
    """Dropout on the adapter's input."""
    targets: tuple[str, ...] = ()
    """Names of the layers that get one; empty takes every linear layer but the last."""


@dataclass(frozen=True, slots=True)
class ScratchSettings:
    """A Llama with random weights and a tokenizer trained on texts: base model `scratch`."""

    hidden: int = 128
    """Width of the hidden states."""
    layers: int = 4
    """Number of layers."""
    heads: int = 4
    """Attention heads."""
    key_value_heads: int = 0
    """0 takes as many as heads."""
    intermediate: int = 0
    """0 takes four times hidden."""
    vocabulary: int = 2048
    """Largest number of tokens."""
    context: int = 2048
    """Longest sequence of the new model, in tokens."""
    tie_embeddings: bool = True
    """Input and output share one embedding."""
    seed: int = 0
    """Random seed of the weights."""


@dataclass(frozen=True, slots=True)
class AskedPrompt:
    """A task and prompt style that the trained model will be asked in."""

    task: str
    """Name of the task."""
    style: str = ""
    """Prompt style; empty takes the task's own."""
    data: str = ""
    """Folder with the benchmark's files, or one file of own problems."""


@dataclass(frozen=True, slots=True)
class FinetuneConfig:
    """Everything that decides the trained weights, and how they are computed."""

    base: str
    """`demo`, `hf:ID_OR_DIR`, or `scratch` for a new model of the shape [scratch]."""
    data: str
    """Folder of a data set made by datagen, or of rows made by from-runs; or a file of rows."""
    method: TrainingMethod = TrainingMethod.SFT
    """What is learnt from the rows: sft, grpo, dpo or kto."""
    preset: str = ""
    """Recipe whose values hold where the file names none."""
    template: str = "alpaca"
    """Words around a row: alpaca, or chat for the chat template that comes with the base."""
    batch_rows: int = 256
    """Rows of one optimizer step, over all processes."""
    epochs: int = 3
    """Passes over the rows."""
    max_steps: int | None = None
    """Stops after this many optimizer steps, even within the epochs."""
    learning_rate: float = 2e-5
    """Peak learning rate."""
    schedule: str = "linear"
    """linear, cosine or constant, after the warm-up."""
    warmup_steps: int = 15
    """Optimizer steps over which the learning rate rises."""
    optimizer: str = "adamw"
    """adamw or adafactor."""
    weight_decay: float = 0.0
    """Weight decay of the optimizer."""
    max_gradient_norm: float = 1.0
    """Gradients are clipped to this norm."""
    sequence: int = 2048
    """The most tokens a row, or a bin of packed rows, may have."""
    packing: bool = True
    """Several rows in one sequence, none attending to another. Changes speed, not the rows or the loss of a step."""
    micro_batch: int = 4
    """Sequences that one process computes at once."""
    long_rows: LongRows = LongRows.TRUNCATE
    """What happens to rows longer than `sequence`."""
    empty_responses: EmptyResponses = EmptyResponses.REFUSE
    """What happens to rows without a response or an instruction."""
    limit: int | None = None
    """Number of rows to train on, drawn by the seed; None takes all."""
    held_out: float = 0.02
    """Share of rows kept for the held-out loss, chosen by the hash of their raw code: the same in every variant."""
    held_out_data: str = ""
    """Take the held-out rows from this data set instead."""
    held_out_rows: int = 256
    """Largest number of held-out rows."""
    precision: Precision = Precision.FLOAT32
    """Numeric precision."""
    gradient_checkpointing: bool = False
    """Compute activations twice to save memory."""
    attention: str = "auto"
    """sdpa, flash_attention_2, flex_attention or eager; auto takes flash_attention_2 where it is installed."""
    device: Device = Device.AUTO
    """Training device."""
    processes: int = 1
    """Processes that train together, one per GPU."""
    sharding: Sharding = Sharding.DDP
    """What the processes share."""
    seed: int = 42
    """Random seed of shuffling, dropout and chosen rows."""
    save_steps: int = 30
    """Optimizer steps between two checkpoints."""
    keep_checkpoints: int = 2
    """Checkpoints kept, the newest ones."""
    evaluate_steps: int = 30
    """Optimizer steps between two held-out losses."""
    pad_token: str = ""
    """Names the token to pad with where the tokenizer has none; "eos" takes the end-of-text token."""
    peak_tflops: float = 0.0
    """The device's peak for the MFU; 0 looks it up by the device's name."""
    check_memory: bool = True
    """Refuse a training that cannot fit in memory."""
    lora: LoraSettings | None = None
    scratch: ScratchSettings = field(default_factory=ScratchSettings)
    trl: TrlSettings = field(default_factory=TrlSettings)
    asked: tuple[AskedPrompt, ...] = ()
    """Prompts of later evaluations; only compared with the training template."""

    def __post_init__(self) -> None:
        for name, least in _LEAST.items():
            value = getattr(self, name)
            if value is not None and value < least:
                raise ConfigError(f"{name} = {value!r} is out of range: at least {least}.")
        for name, known in _CHOICES.items():
            if getattr(self, name) not in known:
                raise ConfigError(f"{name} = {getattr(self, name)!r} is unknown: use {', '.join(known)}.")
        if self.method is TrainingMethod.GRPO and self.batch_rows % self.trl.generations:
            raise ConfigError(
                f"batch_rows = {self.batch_rows!r} is no multiple of trl.generations = {self.trl.generations!r}: GRPO "
                f"compares whole groups of answers."
            )
        if not 0 <= self.held_out < 1:
            raise ConfigError(f"held_out = {self.held_out!r} is out of range: a share from 0 to below 1.")


_LEAST: Mapping[str, float] = {
    **dict.fromkeys(("batch_rows", "epochs", "max_steps", "micro_batch", "limit", "processes", "save_steps"), 1),
    **dict.fromkeys(("evaluate_steps", "held_out_rows"), 1),
    **dict.fromkeys(("learning_rate", "warmup_steps", "weight_decay", "max_gradient_norm", "peak_tflops"), 0),
    "sequence": 8,
    "keep_checkpoints": 2,  # a crash while one is written must leave another
}
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "schedule": ("linear", "cosine", "constant"),
    "optimizer": ("adamw", "adafactor"),
    "attention": ("auto", "sdpa", "flash_attention_2", "flex_attention", "eager"),
}
SPEED_FIELDS = frozenset(
    {
        *("packing", "micro_batch", "gradient_checkpointing", "attention", "device", "processes", "sharding"),
        *("save_steps", "keep_checkpoints", "peak_tflops", "check_memory", "asked", "preset"),
    }
)
"""Settings that change speed or place but not the result; weights agree within float error."""


_REQUIRED = {
    "base": "base = 'demo', 'hf:ID_OR_DIR' or 'scratch'",
    "data": "data = 'DIR', a data set's folder or a file of rows",
}


def load_finetune(file: Path) -> FinetuneConfig:
    """Reads and checks a configuration; relative paths in it are meant from its folder."""
    folder = file.resolve().parent
    values = resolve_path(read_settings(file), ("data", "held_out_data"), folder)
    if "base" in values:
        values["base"] = resolve_model(str(values["base"]), folder)
    return parse_finetune(values, str(file))


def parse_finetune(values: Mapping[str, Any], origin: str) -> FinetuneConfig:
    """Fills in the preset and checks names and kinds. Raises ConfigError that names the setting."""
    return parse_settings(FinetuneConfig, fill_preset(values, presets()), origin, _REQUIRED)


def presets() -> Mapping[str, Mapping[str, Any]]:
    """The recipes that ship, by name; data/recipes.toml says where each value comes from."""
    return tomllib.loads(files("datagen").joinpath("data/recipes.toml").read_text())
