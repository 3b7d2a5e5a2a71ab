"""Rows and configurations for tests of training: small functions, a small model, seconds."""

import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from datagen.finetune.config import FinetuneConfig, parse_finetune
from datagen.rows.instruction_rows import InstructionRow

SHAPE = {"hidden": 48, "layers": 2, "heads": 4, "vocabulary": 400}


def make_rows(count: int, seed: int = 0) -> list[dict[str, str]]:
    """Rows of unequal length, a third with an input."""
    draw = random.Random(seed)
    rows: list[dict[str, str]] = []
    for number in range(count):
        name = f"{draw.choice(['add', 'scale', 'join', 'clip'])}_{number}"
        body = "".join(f"    value = value + {draw.randrange(50)}\n" for _ in range(draw.randrange(1, 9)))
        rows.append(
            {
                "instruction": f"Write a Python function {name}.",
                "input": f"def {name}(value):" if number % 3 == 0 else "",
                "output": f"def {name}(value):\n{body}    return value\n",
            }
        )
    return rows


def write_rows(file: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def instruction_rows(count: int) -> list[InstructionRow]:
    return [InstructionRow(row["instruction"], row["input"], row["output"]) for row in make_rows(count)]


def tiny(data: Path, **changes: Any) -> FinetuneConfig:
    """A training of a few steps from scratch."""
    values: dict[str, Any] = {
        **{"base": "scratch", "data": str(data), "preset": "tiny", "epochs": 2, "batch_rows": 8, "micro_batch": 2},
        **{"held_out": 0.1, "save_steps": 3, "evaluate_steps": 4, "warmup_steps": 2, "scratch": SHAPE},
    }
    return parse_finetune({**values, **changes}, "the test")
