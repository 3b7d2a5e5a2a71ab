"""The files of a training's folder, and the check that a resumed training is the same one."""

import json
import shutil
from dataclasses import fields
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from datagen.finetune.base.model import attention_of, device_of
from datagen.finetune.config import SPEED_FIELDS, FinetuneConfig, FinetuneError, parse_finetune
from datagen.finetune.output.report import write_report
from datagen.finetune.output.result import Training, held_out_losses, step_logs
from datagen.finetune.output.saving import MODEL
from datagen.finetune.training.checks import Checks
from datagen.finetune.training.prepared import Prepared
from datagen.finetune.training.throughput import FORMULA, StepTime, measure, peak_of, shape_of
from datagen.rows.content_store import write_facts, write_rows
from harness.models.hf.weights import weights_sha256
from harness.runs.manifest import describe_host, describe_versions, now, read_manifest, write_manifest
from harness.runs.settings import read_settings, to_toml

if TYPE_CHECKING:
    from datagen.finetune.training.trainer import ScheduledTrainer

_FINISHED = "training.json"
_LIBRARIES = ("torch", "transformers", "accelerate", "peft", "tokenizers", "safetensors", "flash-attn")


def is_finished(out: Path) -> bool:
    """training.json is written last."""
    return (out / _FINISHED).exists()


def read_training(out: Path) -> Training:
    """The results in a finished training's folder."""
    return msgspec.json.decode((out / _FINISHED).read_bytes(), type=Training)


def refuse_another(out: Path, config: FinetuneConfig) -> None:
    """Raises FinetuneError when the folder holds a training with other settings, or other files."""
    file = out / "config.toml"
    if not file.exists():
        if any(path.name != "stages" and not path.name.startswith(".") for path in out.glob("*")):
            raise FinetuneError(f"{str(out)!r} holds other files and no training: choose a new or empty --out.")
        return
    earlier = parse_finetune(read_settings(file), str(file))
    for name in (each.name for each in fields(FinetuneConfig) if each.name not in SPEED_FIELDS):
        if getattr(earlier, name) != getattr(config, name):
            raise FinetuneError(
                f"{str(out)!r} was trained with {name} = {getattr(earlier, name)!r}; this command asks for "
                f"{getattr(config, name)!r}: choose another --out, or use the same settings."
            )


def note_start(out: Path, prepared: Prepared, checks: Checks) -> None:
    """Writes configuration, checks and manifest before the first step.

    Raises FinetuneError when data or base model have changed since the folder was begun.
    """
    out.mkdir(parents=True, exist_ok=True)
    config, tokenizer, found = prepared.config, prepared.tokenizer, dict[str, str]()
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    manifest: dict[str, Any] = {
        "data": msgspec.to_builtins(prepared.rows.source),
        "held_out": {**msgspec.to_builtins(prepared.rows.held_out_source), "share": config.held_out},
        "base": {"spec": prepared.base.spec, "sha256": prepared.base.sha256},
        "template": {"name": prepared.template.name, "sha256": prepared.template.sha256},
        "tokenizer": {"tokens": len(tokenizer), "pad_token": tokenizer.pad_token, "eos_token": tokenizer.eos_token},
        "seed": config.seed,
        "schedule": {
            "steps": prepared.schedule.steps,
            "accumulation": prepared.schedule.accumulation,
            "processes": config.processes,
        },
        "attention": attention_of(config),
        "versions": {**describe_versions(), **found},
        "host": describe_host(),
        "config": json.loads(msgspec.json.encode(config)),
    }
    earlier = read_manifest(out / "manifest.json")
    for section in ("data", "base"):
        before, after = earlier.get(section, {}).get("sha256"), manifest[section]["sha256"]
        if before not in (None, after):
            raise FinetuneError(
                f"The {section} that {str(out)!r} was begun with has changed since (sha256 {before[:12]}, now "
                f"{after[:12]}): choose another --out."
            )
    (out / "config.toml").write_text(to_toml(prepared.config))
    write_facts(out / "checks.json", checks)
    # A training that goes on keeps the time when it first began.
    write_manifest(out / "manifest.json", {"started": earlier.get("started", now()), **manifest})


def write_results(out: Path, trainer: "ScheduledTrainer", prepared: Prepared, checks: Checks) -> Training:
    """Log, report, manifest and training.json; the checkpoints, no longer needed, go."""
    import torch

    config, history = prepared.config, trainer.state.log_history
    device = torch.cuda.get_device_name() if device_of(config) == "cuda" else "cpu"
    steps, shape = step_logs(history), shape_of(trainer.accelerator.unwrap_model(trainer.model))
    times = [StepTime(step.tokens, step.seconds) for step in steps]
    peak = config.peak_tflops or peak_of(device)
    training = Training(
        steps=trainer.state.global_step,
        rows=len(prepared.encoded.rows),
        weights_sha256=weights_sha256(out / MODEL) if trainer.is_world_process_zero() else "",
        throughput=measure(times, shape, prepared.lengths, config.processes, peak),
        held_out=tuple(held_out_losses(history)),
    )
    if trainer.is_world_process_zero():
        write_rows(out / "log.jsonl", steps)
        manifest = read_manifest(out / "manifest.json") | {"finished": now()}
        manifest |= {"model": {"weights": f"sha256 {training.weights_sha256}", "folder": MODEL}}
        manifest |= {"throughput": {**msgspec.to_builtins(training.throughput), "formula": FORMULA, "device": device}}
        write_manifest(out / "manifest.json", manifest)
        write_report(out, config, training, steps, checks, manifest)
        write_facts(out / _FINISHED, training)
        shutil.rmtree(out / "checkpoints", ignore_errors=True)
    return training
