"""The trained model on disk, as `hf:` loads it: whole or absent."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datagen.finetune.base.model import load_base
from datagen.finetune.config import Precision
from datagen.finetune.rows.template import ChatTemplate, Template
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
    import torch
    from transformers.utils import logging

    logging.disable_progress_bar()
    accelerator: Any = trainer.accelerator
    weights = accelerator.get_state_dict(trainer.model_wrapped)  # every process holds a part when sharded
    if rank() != 0:
        return
    model: Any = accelerator.unwrap_model(trainer.model)
    if prepared.config.lora:
        with open_whole_folder(out / ADAPTER) as draft:
            model.save_pretrained(draft, state_dict=weights)
        model, weights = merge_adapter(prepared, out / ADAPTER), None
    model.config.use_cache = True  # off for training alone
    state = dict(weights if weights is not None else model.state_dict())
    if model.config.get_text_config().tie_word_embeddings:  # gathered from shards, one weight comes under two names
        state = {name: tensor for name, tensor in state.items() if name not in (model._tied_weights_keys or ())}
    if prepared.config.precision is not Precision.FLOAT32:
        state = {name: tensor.to(torch.bfloat16) for name, tensor in state.items()}
    with open_whole_folder(out / MODEL) as draft:
        tokenizer = chat_tokenizer(prepared, model)
        model.save_pretrained(draft, state_dict=state)
        if prepared.config.precision is not Precision.FLOAT32:
            _state_bf16(draft / "config.json")
        tokenizer.save_pretrained(draft)


def merge_adapter(prepared: Prepared, adapter: Path) -> Any:
    """The base with the adapter's products added to its weights."""
    import peft

    library: Any = peft
    return library.PeftModel.from_pretrained(load_base(prepared.base, prepared.config), adapter).merge_and_unload()


def chat_tokenizer(prepared: Prepared, model: Any) -> Any:
    """The tokenizer, with a chat template that asks as the rows did, whatever its base came with.

    So a chat (`--style chat`, or any other harness) meets the words that the model was taught by.
    """
    tokenizer, template = prepared.tokenizer, prepared.template
    if isinstance(template, Template):
        bos = tokenizer.bos_token_id
        tokenizer.chat_template = template.as_chat(bos is not None and tokenizer("a").input_ids[:1] == [bos])
    elif isinstance(template, ChatTemplate) and template.end_token() != tokenizer.eos_token:
        # A base's chat often ends its turns in another token than its texts.
        ends = [tokenizer.convert_tokens_to_ids(template.end_token()), tokenizer.eos_token_id]
        tokenizer.eos_token = template.end_token()
        model.generation_config.eos_token_id = ends
    return tokenizer


def _state_bf16(file: Path) -> None:
    """transformers states the kind of the weights in memory, which are not those that were written."""
    values: dict[str, Any] = json.loads(file.read_text())
    parts: list[dict[str, Any]] = [values, *(each for each in values.values() if isinstance(each, dict))]
    for part in parts:
        for name in ("dtype", "torch_dtype"):
            if name in part:
                part[name] = "bfloat16"
    file.write_text(json.dumps(values, indent=2, sort_keys=True) + "\n")
