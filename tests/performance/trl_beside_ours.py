"""TRL's SFTTrainer beside ours: the same rows in the same steps, the losses of every step, and real tokens a second.

pip install trl                                       (not needed by anything else here)
python tests/performance/trl_beside_ours.py           a small model on this machine
python tests/performance/trl_beside_ours.py --trl DIR  finds TRL in DIR

Losses are compared unpacked, where the rows of a step can be made the same; packed, TRL packs the whole data set before
it forms steps, so only its speed is compared. Seconds on a processor are those it worked.
"""

import argparse
import random
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

import torch
import transformers

from datagen.finetune.config import FinetuneConfig, parse_finetune
from datagen.finetune.finetune import load
from datagen.finetune.training.trainer import ScheduledTrainer

SHAPE = {"hidden": 128, "layers": 3, "heads": 4, "vocabulary": 2000}


class Clock(transformers.TrainerCallback):
    """Seconds of every step in which the processor worked."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.since = 0.0

    def on_train_begin(self, *_: Any, **__: Any) -> None:
        self.since = time.process_time()

    def on_step_end(self, *_: Any, **__: Any) -> None:
        now = time.process_time()
        self.seconds.append(now - self.since)
        self.since = now


def rows_file(folder: Path, count: int) -> Path:
    """Functions of very different length, as real rows are."""
    draw = random.Random(0)
    lines: list[str] = []
    for number in range(count):
        body = "".join(f"    value = value * {draw.randrange(9)} + {draw.randrange(99)}\\n"
                       for _ in range(int(draw.lognormvariate(2, 0.8))))  # fmt: skip
        lines.append(
            f'{{"instruction": "Write f{number}.", "output": "def f{number}(value):\\n{body}    return value"}}'
        )
    file = folder / "rows.jsonl"
    file.write_text("\n".join(lines) + "\n")
    return file


def settings(rows: Path, steps: int, packing: bool) -> FinetuneConfig:
    values: dict[str, Any] = {
        **{
            "base": "scratch",
            "data": str(rows),
            "epochs": 1,
            "held_out": 0.0,
            "save_steps": 10_000,
            "packing": packing,
        },
        **{"sequence": 512, "batch_rows": 32, "micro_batch": 4, "max_steps": steps, "learning_rate": 1e-3},
        **{"warmup_steps": 2, "scratch": SHAPE, "device": "cpu", "check_memory": False},
    }
    return parse_finetune(values, "the benchmark")


def ours(config: FinetuneConfig, work: Path) -> tuple[list[float], float, Any]:
    """Losses, tokens a second, and what was prepared."""
    clock = Clock()
    loaded = load(config, work / "ours")
    trainer = ScheduledTrainer(loaded.prepared, loaded.model, work / "checkpoints", True, lambda: None)
    trainer.add_callback(clock)
    trainer.train()
    logs = [entry for entry in trainer.state.log_history if "loss" in entry]
    speed = median(each["tokens"] / seconds for each, seconds in zip(logs, clock.seconds, strict=True))
    return [entry["loss"] for entry in logs], speed, loaded.prepared


def theirs(config: FinetuneConfig, prepared: Any, work: Path) -> tuple[list[float], float]:
    """The same from TRL, on the same rows in the order of our steps."""
    from datasets import Dataset

    trl: Any = import_module("trl")
    schedule, encoded = prepared.schedule, prepared.encoded.rows
    order = [row for batch in schedule.micro_batches for each in batch for row in each]
    chosen = [encoded[row] for row in order]
    data = Dataset.from_list([{"input_ids": list(row.ids), "labels": list(row.labels)} for row in chosen])
    arguments = trl.SFTConfig(
        output_dir=str(work / "trl"),
        per_device_train_batch_size=config.micro_batch,
        gradient_accumulation_steps=config.batch_rows // config.micro_batch,
        max_steps=schedule.steps,
        learning_rate=config.learning_rate,
        lr_scheduler_type=config.schedule,
        warmup_steps=config.warmup_steps,
        max_grad_norm=config.max_gradient_norm,
        weight_decay=config.weight_decay,
        seed=config.seed,
        logging_steps=1,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        use_cpu=True,
        bf16=False,
        gradient_checkpointing=False,
        max_length=config.sequence,
        packing=config.packing,
        train_sampling_strategy="sequential",
        optim="adamw_torch",
    )
    clock = Clock()
    model: Any = transformers.AutoModelForCausalLM.from_pretrained(prepared.base.folder, dtype=torch.float32)
    tokenizer = prepared.tokenizer
    trainer = trl.SFTTrainer(
        model=model, args=arguments, train_dataset=data, processing_class=tokenizer, callbacks=[clock]
    )
    trainer.train()
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    return losses, sum(len(row) for row in chosen) / sum(clock.seconds)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--trl", default="")
    arguments = parser.parse_args()
    if arguments.trl:
        sys.path.insert(0, arguments.trl)
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        rows = rows_file(work, 32 * arguments.steps)
        for packing in (False, True):
            config = settings(rows, arguments.steps, packing)
            own, own_speed, prepared = ours(config, work / f"{packing}")
            other, other_speed = theirs(config, prepared, work / f"{packing}")
            print(f"{'packed' if packing else 'unpacked'}: ours {own_speed:,.0f}, TRL {other_speed:,.0f} tokens/s")
            if not packing:
                worst = max(abs(one - two) for one, two in zip(own, other, strict=True))
                print(f"losses of {len(own)} steps: {own[0]:.4f} to {own[-1]:.4f}; largest difference {worst:.1e}")


if __name__ == "__main__":
    main()
