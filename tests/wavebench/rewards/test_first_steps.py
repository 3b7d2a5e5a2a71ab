"""The first programs of docs/rewards.md run as they stand there, on a processor and with a small model."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness.models.tiny_model import save_tiny_model

ROOT = Path(__file__).parents[3]
PROGRAMS = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs" / "rewards.md").read_text(), re.MULTILINE | re.DOTALL)
HUB_MODEL = "Qwen/Qwen2.5-Coder-0.5B-Instruct"


def test_answers_scored_by_hand_and_then_by_a_trainer(environment: dict[str, str], tmp_path: Path):
    pytest.importorskip("trl", reason="the extra 'rl' is not installed")
    by_hand, trained, *_ = PROGRAMS
    assert HUB_MODEL in trained
    model = save_tiny_model(tmp_path / "model", num_key_value_heads=2, max_position_embeddings=1024)
    done = subprocess.run(
        [sys.executable, "-c", by_hand + trained.replace(HUB_MODEL, str(model))],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, **environment, "CUDA_VISIBLE_DEVICES": ""},
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "[1.0, 0.0]"
    assert (tmp_path / "out" / "checkpoint-3").is_dir()
