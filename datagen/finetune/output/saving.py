"""The trained model on disk, as `hf:` loads it: whole or absent."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from datagen.finetune.base.model import load_base
from datagen.finetune.config import Precision
from datagen.finetune.training.prepared import Prepared
from datagen.finetune.training.processes import rank
from harness.files.atomic_write import open_whole_folder

if TYPE_CHECKING:
    from datagen.finetune.training.trainer import ScheduledTrainer

MODEL, ADAPTER = "model", "adapter"


def save_model(trainer: "ScheduledTrainer", prepared: Prepared, out: Path) -> None:
    """Writes model/; of an adapter also adapter/, and model/ is the base with it merged in.

    Weights are kept in bfloat16 unless they were trained in float32.
    """
    accelerator: Any = trainer.accelerator
    weights = accelerator.get_state_dict(trainer.model_wrapped)  # every process holds a part when sharded
    if rank() != 0:
        return
    model: Any = accelerator.unwrap_model(trainer.model)
    if prepared.config.lora:
        with open_whole_folder(out / ADAPTER) as draft:
            model.save_pretrained(draft, state_dict=weights)
        model, weights = merge_adapter(prepared, out / ADAPTER), None
    with open_whole_folder(out / MODEL) as draft:
        _write(draft, model, weights, prepared)


def merge_adapter(prepared: Prepared, adapter: Path) -> Any:
    """The base with the adapter's products added to its weights."""
    import peft

    library: Any = peft
    return library.PeftModel.from_pretrained(load_base(prepared.base, prepared.config), adapter).merge_and_unload()


def _write(draft: Path, model: Any, weights: Any, prepared: Prepared) -> None:
    import torch
    from transformers.utils import logging

    logging.disable_progress_bar()
    model.config.use_cache = True
    state = dict(weights if weights is not None else model.state_dict())
    if model.config.get_text_config().tie_word_embeddings:  # gathered from shards, one weight comes under two names
        state = {name: tensor for name, tensor in state.items() if name not in (model._tied_weights_keys or ())}
    if prepared.config.precision is not Precision.FLOAT32:
        state = {name: tensor.to(torch.bfloat16) for name, tensor in state.items()}
        model.config.dtype = torch.bfloat16
    model.save_pretrained(draft, state_dict=state)
    prepared.tokenizer.save_pretrained(draft)
