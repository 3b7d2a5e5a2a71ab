"""Evaluates a model every few steps of its own training, by a callback of transformers' Trainer.

python examples/evaluate_while_training.py MODEL_DIR OUT_DIR
"""

import argparse
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, Trainer, TrainerCallback, TrainingArguments

import wavebench


class EvaluateCallback(TrainerCallback):
    """Scores the model on a task every `every` steps; each evaluation has a run folder of its own below `out`."""

    def __init__(self, tokenizer: Any, out: Path, every: int, **settings: Any) -> None:
        self.tokenizer = tokenizer
        self.out = out
        self.every = every
        self.settings = settings
        self.scores: dict[int, wavebench.Score] = {}

    def on_step_end(self, args: Any, state: Any, control: Any, model: Any = None, **_: Any) -> None:  # noqa: ARG002
        if state.global_step % self.every or not state.is_world_process_zero:
            return
        folder = self.out / f"step-{state.global_step}"
        score = wavebench.evaluate((model, self.tokenizer), out=folder, model_name=folder.name, **self.settings)
        self.scores[state.global_step] = score
        rate = score.pass_rates[1]
        print(f"step {state.global_step}: pass@1 = {rate.value:.3f} ({rate.low:.3f} to {rate.high:.3f})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", help="directory of a causal language model")
    parser.add_argument("out", type=Path, help="folder for checkpoints and run folders")
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--every", type=int, default=2)
    parser.add_argument("--limit", type=int, default=3, help="problems per evaluation")
    parser.add_argument("--max-tokens", type=int, default=16)
    asked = parser.parse_args()

    tokenizer = AutoTokenizer.from_pretrained(asked.model)
    model = AutoModelForCausalLM.from_pretrained(asked.model, dtype=torch.float32)
    ids = tokenizer("def add(a, b):\n    return a + b\n", return_tensors="pt").input_ids[0]
    rows: Any = [{"input_ids": ids, "labels": ids}] * 64
    callback = EvaluateCallback(
        tokenizer, asked.out, asked.every, task="humaneval", limit=asked.limit, max_tokens=asked.max_tokens
    )
    arguments = TrainingArguments(
        output_dir=str(asked.out / "training"),
        max_steps=asked.steps,
        per_device_train_batch_size=2,
        report_to=[],
        save_strategy="no",
        disable_tqdm=True,
        use_cpu=not torch.cuda.is_available(),
    )
    Trainer(model=model, args=arguments, train_dataset=rows, callbacks=[callback]).train()

    first, *_, last = sorted(callback.scores)
    comparison = wavebench.compare_runs(asked.out / f"step-{first}", asked.out / f"step-{last}")
    change = comparison.paired.difference
    print(f"from step {first} to {last}: {change.value:+.3f} ({change.low:+.3f} to {change.high:+.3f})")


if __name__ == "__main__":
    main()
