"""Evaluations beside a training: another process, run folders, and a curve."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.harness.models.tiny_model import save_tiny_model

torch = pytest.importorskip("torch", reason="the extra 'train' is not installed")

from transformers import AutoModelForCausalLM, AutoTokenizer, Trainer, TrainingArguments  # noqa: E402

from wavebench.training import EvaluationCallback, EvaluationFailedError, draw_curve, learning_curve  # noqa: E402


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_model(tmp_path_factory.mktemp("model"), num_key_value_heads=2, max_position_embeddings=1024)


def train(model: Path, out: Path, callback: EvaluationCallback, steps: int) -> None:
    tokenizer: Any = AutoTokenizer.from_pretrained(model)
    ids = tokenizer("def add(a, b):\n    return a + b\n", return_tensors="pt").input_ids[0]
    rows: Any = [{"input_ids": ids, "labels": ids}] * 8
    arguments = TrainingArguments(
        output_dir=str(out / "training"),
        max_steps=steps,
        per_device_train_batch_size=2,
        report_to=[],
        save_strategy="no",
        disable_tqdm=True,
        use_cpu=True,
    )
    loaded: Any = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32)
    Trainer(model=loaded, args=arguments, train_dataset=rows, callbacks=[callback]).train()


def test_every_n_steps_another_process_writes_a_run_folder(model: Path, problems: Path, tmp_path: Path):
    settings: dict[str, Any] = {"data": problems, "max_tokens": 8, "workers": 1, "tier": "namespaces"}
    callback = EvaluationCallback(AutoTokenizer.from_pretrained(model), tmp_path, 2, limit=2, **settings)
    train(model, tmp_path, callback, steps=5)
    assert [(point.step, point.pass_at_1) for point in callback.curve] == [(2, 0.0), (4, 0.0)]
    assert all(point.low <= point.pass_at_1 <= point.high for point in callback.curve)
    told = json.loads((tmp_path / "curve.json").read_text())
    assert [each["step"] for each in told] == [2, 4]
    manifests = [json.loads((tmp_path / f"step-{n}" / "manifest.json").read_text()) for n in (2, 4)]
    assert manifests[0]["model"]["weights"] != manifests[1]["model"]["weights"]
    assert list((tmp_path / "weights").iterdir()) == [], "weights that were evaluated are removed"
    assert learning_curve(tmp_path) == callback.curve
    pytest.importorskip("matplotlib")
    assert "<svg" in draw_curve(tmp_path).read_text()


def test_a_failed_evaluation_does_not_stop_the_training_and_is_told_in_the_end(model: Path, tmp_path: Path):
    callback = EvaluationCallback(AutoTokenizer.from_pretrained(model), tmp_path, 1, task="no-such-task")
    with pytest.raises(EvaluationFailedError, match=r"1 evaluations failed, the first at step 1: .*no-such-task"):
        train(model, tmp_path, callback, steps=1)
    assert (tmp_path / "weights" / "step-1" / "config.json").is_file(), "what was not evaluated is kept"
    shutil.rmtree(tmp_path)


def test_leaderboard_draws_the_curves_of_trainings(tmp_path: Path):
    for training, values in {"small": (0.1, 0.4), "large": (0.3, 0.5, 0.6)}.items():
        for number, value in enumerate(values, start=1):
            folder = tmp_path / training / f"step-{number * 50}"
            folder.mkdir(parents=True)
            score = {"pass@1": {"value": value, "low": value - 0.1, "high": value + 0.1}}
            (folder / "score.json").write_text(json.dumps(score))
    (tmp_path / "small" / "step-150").mkdir()
    words = [sys.executable, "-m", "wavebench", "leaderboard", "curve", "small", "large"]

    def run(*more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*words, *more], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=100
        )

    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    done = run()
    assert done.returncode == 0, done.stderr
    assert [line.split()[:3] for line in done.stdout.splitlines()[2:7]] == [
        ["small", "50", "10.0"],
        ["small", "100", "40.0"],
        ["large", "50", "30.0"],
        ["large", "100", "50.0"],
        ["large", "150", "60.0"],
    ]
    page = (tmp_path / "curve.html").read_text()
    assert page.count("<svg") == 1
    assert 'id="theme"' in page, "the frame that all pages share"
    assert "60.0 (50.0-70.0)" in page
    told = json.loads(run("--json", "--out", "again.html").stdout)
    assert [point["step"] for point in told["trainings"]["large"]] == [50, 100, 150]
    (tmp_path / "empty").mkdir()
    refused = run("empty")
    assert refused.returncode == 1
    assert "'empty' holds no evaluated step-N folder" in refused.stderr
