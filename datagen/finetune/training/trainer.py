"""transformers' Trainer over a schedule that is laid out: batches in order, times and held-out loss in its log."""

import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import PrinterCallback, TrainerCallback, TrainingArguments

from datagen.finetune.base.model import attention_of, device_of
from datagen.finetune.config import FinetuneConfig, Precision, Sharding
from datagen.finetune.rows.batches import MicroBatches, only, response_loss
from datagen.finetune.rows.schedule import Schedule
from datagen.finetune.training.checkpoints import mark_whole
from datagen.finetune.training.held_out import held_out_loss
from datagen.finetune.training.prepared import Prepared

_accelerate: Any = import_module("accelerate")
_Trainer: Any = transformers.Trainer
"""Any, as the types of both are partial."""


class ScheduledTrainer(_Trainer):
    """Takes micro-batches one by one, in their order."""

    def __init__(self, prepared: Prepared, model: Any, folder: Path, fresh: bool, advance: Callable[[], None]) -> None:
        """`folder` takes the checkpoints; a fresh training measures the held-out loss before its first step.
        `advance` is called after every step."""
        config, schedule = prepared.config, prepared.schedule
        self._prepared = prepared
        self._watch = StopWatch()
        flat = attention_of(config) == "flash_attention_2" and prepared.keeps_apart
        pad = prepared.tokenizer.pad_token_id
        arguments: Any = training_arguments(config, schedule, folder, bool(prepared.held_out))
        arguments.eval_on_start = fresh and bool(prepared.held_out)
        batches: Any = MicroBatches(prepared.encoded.rows, schedule.micro_batches, pad, flat, not prepared.keeps_apart)
        held_out: Any = prepared.held_out
        collator: Any = only
        parent: Any = super()
        parent.__init__(
            model=model,
            args=arguments,
            train_dataset=batches,
            eval_dataset=held_out,
            data_collator=collator,
            compute_loss_func=response_loss,
            callbacks=[self._watch, Marker(), Advance(advance)],
        )
        self.remove_callback(PrinterCallback)

    def create_accelerator_and_postprocess(self) -> None:
        """As Trainer, but accelerate shards on GPUs alone; here the processor may too, so that it can be tried."""
        parent: Any = super()
        parent.create_accelerator_and_postprocess()
        if self.args.fsdp and self.args.use_cpu and self.args.world_size > 1:
            state: Any = self.accelerator.state
            # accelerate copies the partial state over the whole one again and again
            state.distributed_type = _accelerate.PartialState().distributed_type = _accelerate.DistributedType.FSDP
            state.fsdp_plugin = _accelerate.FullyShardedDataParallelPlugin(**(self.args.fsdp_plugin_args or {}))
            self.is_fsdp_enabled = True

    @property
    def is_measured(self) -> bool:
        """Whether the held-out loss of these very weights is in the log."""
        return any("held_out_loss" in e and e["step"] == self.state.global_step for e in self.state.log_history)

    def _get_train_sampler(self, train_dataset: Any = None) -> Any:
        return torch.utils.data.SequentialSampler(train_dataset if train_dataset is not None else self.train_dataset)

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """The held-out loss of the weights as they are."""
        prepared = self._prepared
        config, pad = prepared.config, prepared.tokenizer.pad_token_id
        loss = held_out_loss(self.model, prepared.held_out, pad, config, prepared.keeps_apart)
        metrics = {"held_out_loss": loss}
        self.log(dict(metrics))
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Adds to each step how many tokens it held and how long it took."""
        if "loss" in logs:
            step = self.state.global_step - 1
            schedule, rows = self._prepared.schedule, self._prepared.encoded.rows
            batches = schedule.micro_batches[step * schedule.per_step : (step + 1) * schedule.per_step]
            logs |= {
                "tokens": sum(len(rows[row]) for batch in batches for each in batch for row in each),
                "seconds": self._watch.seconds,
            }
        parent: Any = super()
        parent.log(logs, start_time)


class StopWatch(TrainerCallback):
    """Seconds of the step that ended last; saving and evaluating are left out."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._since = time.perf_counter()

    def on_train_begin(self, *_: Any, **__: Any) -> None:
        self._since = time.perf_counter()

    def on_step_end(self, *_: Any, **__: Any) -> None:
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        now = time.perf_counter()
        self.seconds, self._since = now - self._since, now

    def on_log(self, *_: Any, **__: Any) -> None:
        self._since = time.perf_counter()

    def on_evaluate(self, *_: Any, **__: Any) -> None:
        self._since = time.perf_counter()

    def on_save(self, *_: Any, **__: Any) -> None:
        self._since = time.perf_counter()


class Advance(TrainerCallback):
    """Moves a progress bar."""

    def __init__(self, advance: Callable[[], None]) -> None:
        self._advance = advance

    def on_step_end(self, *_: Any, **__: Any) -> None:
        self._advance()


class Marker(TrainerCallback):
    """Tells a whole checkpoint from one that a crash cut off."""

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ARG002 (transformers names them)
        if args.should_save:
            mark_whole(Path(args.output_dir) / f"checkpoint-{state.global_step}")


def training_arguments(config: FinetuneConfig, schedule: Schedule, folder: Path, measures: bool) -> TrainingArguments:
    """Our settings in transformers' words. The schedule is one long epoch: its own epochs are laid out in it."""
    device = device_of(config)
    warmup = min(config.warmup_steps, schedule.steps)
    sharded = config.sharding is Sharding.FSDP and config.processes > 1
    shards: dict[str, Any] = {"fsdp": True, "fsdp_config": {"version": 2}} if sharded else {}
    return TrainingArguments(
        output_dir=str(folder),
        per_device_train_batch_size=1,
        gradient_accumulation_steps=schedule.accumulation,
        num_train_epochs=1,
        learning_rate=config.learning_rate,
        lr_scheduler_type="constant_with_warmup" if config.schedule == "constant" else config.schedule,
        warmup_steps=warmup,
        optim={"adamw": "adamw_torch", "adafactor": "adafactor"}[config.optimizer],
        weight_decay=config.weight_decay,
        max_grad_norm=config.max_gradient_norm,
        seed=config.seed,
        bf16=config.precision is Precision.BF16,
        save_strategy="steps",
        save_steps=config.save_steps,
        save_total_limit=config.keep_checkpoints,
        eval_strategy="steps" if measures else "no",
        eval_steps=config.evaluate_steps,
        logging_strategy="steps",
        logging_steps=1,
        logging_nan_inf_filter=False,
        report_to="none",
        disable_tqdm=True,
        use_cpu=device == "cpu",
        remove_unused_columns=False,
        dataloader_pin_memory=device == "cuda",
        average_tokens_across_devices=True,
        ddp_find_unused_parameters=False,
        ddp_backend="gloo" if device == "cpu" and config.processes > 1 else None,
        **shards,
    )
