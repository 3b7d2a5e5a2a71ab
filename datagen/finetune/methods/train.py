"""GRPO, DPO and KTO: TRL's trainer over our folder, which holds model, log and manifest. The same call resumes."""

import json
import shutil
import time
import warnings
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import msgspec

from datagen.finetune.base.model import (
    BaseModel,
    device_of,
    find_base,
    load_model,
    load_tokenizer,
    refuse_missing_parts,
)
from datagen.finetune.config import FinetuneConfig, FinetuneError, Precision, TrainingMethod
from datagen.finetune.methods.reward_function import find_reward
from datagen.finetune.methods.rows import MethodRows, read_method_rows
from datagen.finetune.output.result import Training
from datagen.finetune.rows.template import load_template
from datagen.finetune.training.checkpoints import last_whole, remove_torn
from datagen.finetune.training.throughput import Throughput
from datagen.rows.content_store import write_facts
from harness.files.atomic_write import open_whole_folder, write_whole
from harness.files.progress import progress_bar
from harness.models.hf.weights import weights_sha256
from harness.runs.manifest import describe_host, describe_versions, now, read_manifest, write_manifest
from harness.runs.settings import to_toml

_TRAINERS = {TrainingMethod.GRPO: "GRPO", TrainingMethod.DPO: "DPO", TrainingMethod.KTO: "KTO"}


def train_by_trl(config: FinetuneConfig, out: Path) -> Training:
    """Trains by the method and leaves model/, manifest.json and log.jsonl in `out`.

    Raises FinetuneError where the user has to fix something.
    """
    refuse_missing_parts(config)
    if not find_spec("trl"):
        raise FinetuneError(f"method = {config.method.value!r} needs trl: pip install 'wavebench[rl]'.")
    if config.processes > 1:
        raise FinetuneError(f"method = {config.method.value!r} trains in one process: set processes = 1.")
    rows = read_method_rows(config)
    base = find_base(config, [], out / "stages")
    _note_start(out, config, rows, base)
    begin = time.monotonic()
    remove_torn(out / "checkpoints")
    newest = last_whole(out / "checkpoints")
    with warnings.catch_warnings(), ExitStack() as shown:
        warnings.simplefilter("ignore", FutureWarning)  # between TRL and transformers: nobody here can act on them
        trainer = _trainer(config, rows, base, out / "checkpoints")
        trainer.add_callback(_progress(shown, f"Training {base.spec} by {config.method}"))
        trainer.train(resume_from_checkpoint=str(newest) if newest else None)
    seconds = time.monotonic() - begin
    model = trainer.accelerator.unwrap_model(trainer.model)
    if config.lora:
        model = model.merge_and_unload()
    model.config.use_cache = True
    with open_whole_folder(out / "model") as draft:
        model.save_pretrained(draft)
        trainer.processing_class.save_pretrained(draft)
    return _write_results(out, trainer.state, len(rows.rows), seconds)


def _trainer(config: FinetuneConfig, rows: MethodRows, base: BaseModel, checkpoints: Path) -> Any:
    from transformers import PrinterCallback
    from transformers.utils import logging

    from datagen.finetune.training.trainer import Marker

    logging.set_verbosity_error()
    trl_library, data_library = import_module("trl"), import_module("datasets")
    tokenizer, model = load_tokenizer(base, config), load_model(base, config)
    if tokenizer.chat_template is None:
        bos = tokenizer.bos_token_id
        tokenizer.chat_template = load_template(config.template).as_chat(
            bos is not None and tokenizer("a").input_ids[:1] == [bos]
        )
    data_library.disable_progress_bars()
    name = _TRAINERS[config.method]
    arguments = getattr(trl_library, f"{name}Config")(**_arguments(config, checkpoints))
    parts: dict[str, Any] = {
        "model": model,
        "args": arguments,
        "processing_class": tokenizer,
        "train_dataset": data_library.Dataset.from_list(list(rows.rows)),
        "callbacks": [Marker()],
    }
    if config.method is TrainingMethod.GRPO:
        from datagen.finetune.methods.grpo import ResumableGRPOTrainer

        trainer = ResumableGRPOTrainer(reward_funcs=find_reward(config.trl.reward), **parts)
    else:
        trainer = getattr(trl_library, f"{name}Trainer")(**parts)
    trainer.remove_callback(PrinterCallback)  # its lines would stand in what the command prints
    return trainer


def _progress(shown: ExitStack, label: str) -> Any:
    """A callback with a bar that `shown` closes."""
    from transformers import TrainerCallback

    class Bar(TrainerCallback):
        def on_train_begin(self, _args: Any, state: Any, *_: Any, **__: Any) -> None:
            self._advance = shown.enter_context(progress_bar(label, state.max_steps))
            for _step in range(state.global_step):
                self._advance()

        def on_step_end(self, *_: Any, **__: Any) -> None:
            self._advance()

    return Bar()


def _arguments(config: FinetuneConfig, checkpoints: Path) -> Mapping[str, Any]:
    """The settings in TRL's words."""
    # TRL takes whole micro-batches: the largest that divides a step's rows.
    micro_batch = next(
        n for n in range(min(config.micro_batch, config.batch_rows), 0, -1) if config.batch_rows % n == 0
    )
    asked: dict[str, Any] = {
        "output_dir": str(checkpoints),
        "per_device_train_batch_size": micro_batch,
        "gradient_accumulation_steps": config.batch_rows // micro_batch,
        "num_train_epochs": config.epochs,
        "max_steps": config.max_steps or -1,
        "learning_rate": config.learning_rate,
        "lr_scheduler_type": config.schedule,
        "warmup_steps": config.warmup_steps,
        "weight_decay": config.weight_decay,
        "max_grad_norm": config.max_gradient_norm,
        "seed": config.seed,
        "save_steps": config.save_steps,
        "save_total_limit": config.keep_checkpoints,
        "logging_steps": 1,
        "use_cpu": device_of(config) == "cpu",
        "bf16": config.precision is Precision.BF16,
        "report_to": [],
        "disable_tqdm": True,
    }
    if config.gradient_checkpointing:
        asked["gradient_checkpointing"] = True
    if config.trl.beta >= 0:
        asked["beta"] = config.trl.beta
    if config.method is TrainingMethod.GRPO:
        return asked | {
            "num_generations": config.trl.generations,
            "max_completion_length": config.trl.new_tokens,
            "temperature": config.trl.temperature,
            # One batch of answers for each step: a checkpoint then lies between two batches.
            "generation_batch_size": config.batch_rows,
        }
    return asked | {"max_length": config.sequence}


def _note_start(out: Path, config: FinetuneConfig, rows: MethodRows, base: BaseModel) -> None:
    out.mkdir(parents=True, exist_ok=True)
    earlier = read_manifest(out / "manifest.json")
    manifest: dict[str, Any] = {
        "method": config.method.value,
        "data": {"path": str(rows.file), "sha256": rows.sha256, "rows": len(rows.rows)},
        "base": {"spec": base.spec, "sha256": base.sha256},
        "versions": {**describe_versions(), **{name: version(name) for name in ("trl", "torch", "transformers")}},
        "host": describe_host(),
        "config": json.loads(msgspec.json.encode(config)),
    }
    for section in ("data", "base"):
        before = earlier.get(section, {}).get("sha256")
        if before not in (None, manifest[section]["sha256"]):
            raise FinetuneError(f"The {section} that {str(out)!r} was begun with has changed: choose another --out.")
    write_whole(out / "config.toml", to_toml(config))
    write_manifest(out / "manifest.json", {"started": earlier.get("started", now()), **manifest})


def _write_results(out: Path, state: Any, rows: int, seconds: float) -> Training:
    history = cast(Sequence[Mapping[str, Any]], state.log_history)
    sha256 = weights_sha256(out / "model")
    tokens = _counted_tokens(history)
    speed = tokens / seconds if seconds else 0.0
    training = Training(state.global_step, rows, sha256, Throughput(tokens, seconds, speed, 0.0, None, 0.0), ())
    write_whole(out / "log.jsonl", (json.dumps(dict(entry)) + "\n" for entry in history))
    manifest = read_manifest(out / "manifest.json") | {"finished": now()}
    write_manifest(out / "manifest.json", manifest | {"model": {"weights": f"sha256 {sha256}", "folder": "model"}})
    write_facts(out / "training.json", training)
    shutil.rmtree(out / "checkpoints", ignore_errors=True)
    return training


def _counted_tokens(history: Sequence[Mapping[str, Any]]) -> int:
    """Of all steps: TRL logs the sum so far, which begins at 0 again where DPO or KTO are resumed."""
    total = before = 0
    for so_far in (int(entry["num_tokens"]) for entry in history if "num_tokens" in entry):
        total += so_far - before if so_far > before else so_far
        before = so_far
    return total
