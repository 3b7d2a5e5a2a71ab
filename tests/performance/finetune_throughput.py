"""Packed training against a plain Trainer that pads, on the same rows in the same run: real tokens a second.

python tests/performance/finetune_throughput.py                       a small model on this machine
python tests/performance/finetune_throughput.py --gpu                 a 1.3 B Llama in bfloat16, sequence 2,048: MFU too
python tests/performance/finetune_throughput.py --rows FILE           other rows than CodeAlpaca's
"""

import argparse
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import torch
import transformers

from datagen.finetune.config import FinetuneConfig, parse_finetune
from datagen.finetune.finetune import load
from datagen.finetune.training.throughput import FORMULA, StepTime, measure, peak_of, shape_of
from datagen.finetune.training.trainer import ScheduledTrainer

CODEALPACA = Path(__file__).parents[3] / "shared" / "data" / "instruct" / "codealpaca_new_codealpaca.json.gz"
SMALL = {"hidden": 256, "layers": 4, "heads": 4, "vocabulary": 8000}
LARGE = {"hidden": 2048, "layers": 24, "heads": 16, "intermediate": 5504, "vocabulary": 32000}
_Trainer: Any = transformers.Trainer


class Clock(transformers.TrainerCallback):
    """Seconds of every step: on a processor those it worked, so that other programs do not count."""

    def __init__(self, read: Callable[[], float]) -> None:
        self.read = read
        self.seconds: list[float] = []
        self.since = 0.0

    def on_train_begin(self, *_: Any, **__: Any) -> None:
        self.since = self.read()

    def on_step_end(self, *_: Any, **__: Any) -> None:
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        now = self.read()
        self.seconds.append(now - self.since)
        self.since = now


def clock(config: FinetuneConfig) -> Clock:
    return Clock(time.process_time if config.device.value == "cpu" else time.perf_counter)


def settings(arguments: argparse.Namespace) -> FinetuneConfig:
    values: dict[str, Any] = {
        **{"base": "scratch", "data": str(arguments.rows), "epochs": 1, "held_out": 0.0, "save_steps": 10_000},
        **{"sequence": 2048 if arguments.gpu else 512, "batch_rows": 256 if arguments.gpu else 64},
        **{"micro_batch": arguments.micro_batch or (8 if arguments.gpu else 4), "max_steps": arguments.steps},
        **{"precision": "pure-bf16" if arguments.gpu else "float32", "device": "cuda" if arguments.gpu else "cpu"},
        **{"scratch": LARGE if arguments.gpu else SMALL, "attention": arguments.attention},
    }
    return parse_finetune(values, "the benchmark")


def packed(config: FinetuneConfig, work: Path) -> tuple[float, float | None]:
    """Median tokens a second of our own trainer, and its MFU."""
    loaded = load(config, work)
    schedule, lengths, watch = loaded.prepared.schedule, loaded.prepared.lengths, clock(config)
    trainer = ScheduledTrainer(loaded.prepared, loaded.model, work / "packed", False, lambda: None)
    trainer.add_callback(watch)
    trainer.train()
    size = schedule.per_step
    steps = [schedule.micro_batches[i * size : (i + 1) * size] for i in range(schedule.steps)]
    counts = [sum(lengths[row] for batch in step for each in batch for row in each) for step in steps]
    times = [StepTime(count, seconds) for count, seconds in zip(counts, watch.seconds, strict=True)]
    peak = peak_of(torch.cuda.get_device_name()) if config.device.value == "cuda" else 0.0
    found = measure(times, shape_of(loaded.model), lengths, 1, peak)
    return found.tokens_per_second, found.mfu


def padded(config: FinetuneConfig, work: Path, rows: int) -> tuple[float, float]:
    """Median tokens a second of transformers' Trainer with `rows` rows a batch, and which share of them is padding."""
    loaded = load(config, work)
    encoded, tokenizer = loaded.prepared.encoded.rows, loaded.prepared.tokenizer
    order = random.Random(config.seed).sample(range(len(encoded)), len(encoded))
    features = [{"input_ids": list(encoded[i].ids), "labels": list(encoded[i].labels)} for i in order]
    watch = clock(config)
    arguments = transformers.TrainingArguments(
        output_dir=str(work / "plain"),
        per_device_train_batch_size=rows,
        gradient_accumulation_steps=config.batch_rows // rows,
        max_steps=config.max_steps or 1,
        learning_rate=config.learning_rate,
        train_sampling_strategy="sequential",
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        use_cpu=config.device.value == "cpu",
    )
    collator = transformers.DataCollatorForSeq2Seq(tokenizer, padding=True)
    trainer = _Trainer(
        model=loaded.model, args=arguments, train_dataset=features, data_collator=collator, callbacks=[watch]
    )
    trainer.remove_callback(transformers.PrinterCallback)
    trainer.train()
    return speed_and_waste([len(encoded[i]) for i in order], watch.seconds, config.batch_rows, rows)


def speed_and_waste(lengths: Sequence[int], seconds: Sequence[float], batch: int, rows: int) -> tuple[float, float]:
    steps = [lengths[i * batch : (i + 1) * batch] for i in range(len(seconds))]
    whole = sum(max(step[i : i + rows]) * rows for step in steps for i in range(0, len(step), rows))
    speed = median(sum(step) / taken for step, taken in zip(steps, seconds, strict=True))
    return speed, 1 - sum(map(sum, steps)) / whole


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gpu", action="store_true")
    parser.add_argument("--rows", type=Path, default=CODEALPACA)
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--micro-batch", type=int, default=0)
    parser.add_argument("--attention", default="auto")
    parser.add_argument("--plain-rows", type=int, nargs="+", default=[4, 8, 16])
    arguments = parser.parse_args()
    if not arguments.rows.exists():
        print(f"No rows at {arguments.rows}: name a file of Alpaca-style rows with --rows.")
        return
    config, work = settings(arguments), Path(tempfile.mkdtemp())
    began = time.perf_counter()
    if not arguments.gpu:
        torch.set_num_threads(1)
        print("tokens per second of processor time, one thread")
    try:
        speed, mfu = packed(config, work)
        print(f"packed: {speed:,.0f} tokens/s" + (f", MFU {100 * mfu:.1f} % ({FORMULA})" if mfu else ""), flush=True)
        for rows in arguments.plain_rows:
            plain, waste = padded(replace(config, packing=False), work, rows)
            share = f"{100 * waste:.0f} % padding"
            print(
                f"plain Trainer, {rows} rows a batch: {plain:,.0f} tokens/s, {share}; packed is {speed / plain:.2f} x"
            )
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f"{time.perf_counter() - began:.0f} s in all")


if __name__ == "__main__":
    main()
