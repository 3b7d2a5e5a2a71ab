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
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import transformers

from datagen.finetune.config import FinetuneConfig, parse_finetune
from datagen.finetune.finetune import finetune, load
from datagen.finetune.throughput import FORMULA
from datagen.finetune.trainer import StopWatch

CODEALPACA = Path(__file__).parents[3] / "shared" / "data" / "instruct" / "codealpaca_new_codealpaca.json.gz"
SMALL = {"hidden": 256, "layers": 4, "heads": 4, "vocabulary": 8000}
LARGE = {"hidden": 2048, "layers": 24, "heads": 16, "intermediate": 5504, "vocabulary": 32000}
_Trainer: Any = transformers.Trainer


class Tokens(transformers.TrainerCallback):
    """Seconds of every step of a plain Trainer."""

    def __init__(self, watch: StopWatch) -> None:
        self.watch = watch
        self.seconds: list[float] = []

    def on_step_end(self, *_: Any, **__: Any) -> None:
        self.seconds.append(self.watch.seconds)


def settings(arguments: argparse.Namespace) -> FinetuneConfig:
    values: dict[str, Any] = {
        **{"base": "scratch", "data": str(arguments.rows), "epochs": 1, "held_out": 0.0, "save_steps": 10_000},
        **{"sequence": 2048 if arguments.gpu else 512, "batch_rows": 256 if arguments.gpu else 64},
        **{"micro_batch": arguments.micro_batch or (8 if arguments.gpu else 4), "max_steps": arguments.steps},
        **{"precision": "pure-bf16" if arguments.gpu else "float32", "device": "cuda" if arguments.gpu else "cpu"},
        **{"scratch": LARGE if arguments.gpu else SMALL, "attention": arguments.attention},
    }
    return parse_finetune(values, "the benchmark")


def packed(config: FinetuneConfig, out: Path) -> tuple[float, float | None]:
    """Median tokens a second of our own trainer, and its MFU."""
    training = finetune(config, out, print)
    return training.throughput.tokens_per_second, training.throughput.mfu


def padded(config: FinetuneConfig, work: Path, rows: int) -> tuple[float, float]:
    """Median tokens a second of transformers' Trainer with `rows` rows a batch, and which share of them is padding."""
    loaded = load(config, work)
    encoded, tokenizer = loaded.prepared.encoded.rows, loaded.prepared.tokenizer
    order = random.Random(config.seed).sample(range(len(encoded)), len(encoded))
    features = [{"input_ids": list(encoded[i].ids), "labels": list(encoded[i].labels)} for i in order]
    watch = StopWatch()
    tokens = Tokens(watch)
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
        model=loaded.model, args=arguments, train_dataset=features, data_collator=collator, callbacks=[watch, tokens]
    )
    trainer.remove_callback(transformers.PrinterCallback)
    trainer.train()
    lengths = [len(encoded[i]) for i in order]
    steps = [lengths[i * config.batch_rows : (i + 1) * config.batch_rows] for i in range(len(tokens.seconds))]
    whole = sum(max(step[i : i + rows]) * rows for step in steps for i in range(0, len(step), rows))
    speed = median(sum(step) / seconds for step, seconds in zip(steps, tokens.seconds, strict=True))
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
    try:
        speed, mfu = packed(config, work / "packed")
        print(f"packed: {speed:,.0f} tokens/s" + (f", MFU {100 * mfu:.1f} % ({FORMULA})" if mfu else ""), flush=True)
        for rows in arguments.plain_rows:
            plain, waste = padded(replace(config, packing=False), work / "packed", rows)
            share = f"{100 * waste:.0f} % padding"
            print(
                f"plain Trainer, {rows} rows a batch: {plain:,.0f} tokens/s, {share}; packed is {speed / plain:.2f} x"
            )
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f"{time.perf_counter() - began:.0f} s in all")


if __name__ == "__main__":
    main()
