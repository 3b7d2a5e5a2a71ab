"""Fine-tunes a model: the main path, which only names the steps. The same call again resumes."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datagen.finetune.base.fit import refuse_unfit
from datagen.finetune.base.model import device_of, load_model, refuse_missing_parts
from datagen.finetune.config import FinetuneConfig, FinetuneError, TrainingMethod
from datagen.finetune.output.folder import is_finished, note_start, read_training, refuse_another, write_results
from datagen.finetune.output.result import Training
from datagen.finetune.output.saving import save_model
from datagen.finetune.training.checkpoints import last_whole, remove_torn
from datagen.finetune.training.checks import Checks, check
from datagen.finetune.training.isolation import leaks_between_rows
from datagen.finetune.training.memory import expected_memory, free_memory, out_of_memory, refuse_too_large
from datagen.finetune.training.prepared import Prepared, prepare, unpacked
from datagen.finetune.training.processes import as_launched, is_launched, launch, rank
from datagen.finetune.training.throughput import shape_of
from harness.files.progress import progress_bar

Notify = Callable[[str], None]
"""Called with a sentence that the user should read."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A training about to begin."""

    prepared: Prepared
    model: Any
    checks: Checks


def finetune(config: FinetuneConfig, out: Path, notify: Notify) -> Training:
    """Leaves model/, manifest.json, log.jsonl, report.md and report.html in `out`; returns what came out.

    Raises WavebenchError where the user has to fix something.
    """
    refuse_another(out, config)
    if is_finished(out):
        return read_training(out)
    if config.method is not TrainingMethod.SFT:
        from datagen.finetune.methods.train import train_by_trl

        return train_by_trl(config, out)
    if config.processes > 1 and not is_launched():
        refuse_missing_parts(config)
        prepare(config, out)  # so that an error is printed once, not by every process
        launch(config, out)
        return read_training(out)
    loaded = load(as_launched(config), out)
    if rank() == 0:
        note_start(out, loaded.prepared, loaded.checks)
        for remark in loaded.checks.remarks:
            notify(remark)
    return train(loaded, out)


def load(config: FinetuneConfig, out: Path) -> Loaded:
    """All checks, and the model. Raises WavebenchError where the user has to fix something."""
    if config.method is not TrainingMethod.SFT:
        raise FinetuneError(f"method = {config.method.value!r} has no --check: TRL's trainers plan their own memory.")
    refuse_missing_parts(config)
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    prepared = prepare(config, out)
    model = load_model(prepared.base, config)
    refuse_unfit(model, prepared.tokenizer, [*prepared.encoded.rows, *prepared.held_out], config)
    # Also unpacked rows lie in one sequence where flash attention has them behind each other.
    if leaks_between_rows(model, config):
        prepared = unpacked(prepared)
    weights = sum(each.numel() for each in model.parameters())
    trained = sum(each.numel() for each in model.parameters() if each.requires_grad)
    memory = expected_memory(config, shape_of(model), weights, trained, len(prepared.tokenizer))
    free = free_memory(device_of(config))
    refuse_too_large(memory, free, config)
    checks = check(prepared, memory, free)
    return Loaded(prepared, model, checks)


def train(loaded: Loaded, out: Path) -> Training:
    """Trains from the last whole checkpoint, or from the start. Raises FinetuneError when memory runs out."""
    import torch

    from datagen.finetune.training.trainer import ScheduledTrainer

    checkpoints = out / "checkpoints"
    if rank() == 0:
        remove_torn(checkpoints)
    checkpoint = last_whole(checkpoints)
    fresh, prepared = checkpoint is None, loaded.prepared
    try:
        shown = progress_bar(f"Training {prepared.base.spec}", prepared.schedule.steps)
        with shown if rank() == 0 else nullcontext(lambda: None) as advance:  # all processes share one standard error
            trainer = ScheduledTrainer(prepared, loaded.model, checkpoints, fresh, advance)
            trainer.train(resume_from_checkpoint=None if fresh else str(checkpoint))
        if prepared.held_out and not trainer.is_measured:
            trainer.evaluate()
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise out_of_memory(prepared.config) from error
    except RuntimeError as error:
        if "can't allocate memory" in str(error):  # torch's error for the processor's memory
            raise out_of_memory(prepared.config) from error
        raise
    save_model(trainer, prepared, out)
    return write_results(out, trainer, prepared, loaded.checks)
