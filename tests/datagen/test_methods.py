"""GRPO, DPO and KTO by TRL: a tiny model on the processor learns what is paid for, or preferred."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from datagen.finetune.config import FinetuneConfig, FinetuneError, parse_finetune
from datagen.finetune.finetune import finetune
from datagen.finetune.methods.reward_function import find_reward
from datagen.finetune.methods.rows import read_method_rows
from harness.runs.settings import ConfigError, to_toml
from tests.datagen.training_rows import tiny, write_rows

RIGHT = "def add(a, b):\n    return a + b\n"
WRONG = "def add(a, b):\n    return a - b\n"
CHEAT = "import os\ndef add(a, b):\n    os._exit(0)\n"
WORDS = "Write add."
TESTS = ["assert add(2, 3) == 5", "assert add(-1, 1) == 0"]


def settings(data: Path, base: str, method: str, **changes: Any) -> FinetuneConfig:
    values: dict[str, Any] = {
        **{"base": base, "data": str(data), "method": method, "max_steps": 12, "batch_rows": 32, "micro_batch": 32},
        **{"learning_rate": 2e-3, "schedule": "constant", "warmup_steps": 0, "save_steps": 4, "epochs": 50},
        **{"sequence": 128, "trl": {"new_tokens": 40, "generations": 16}},
    }
    return parse_finetune({**values, **changes}, "the test")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A model that says the right, a wrong and a forged answer about equally often."""
    pytest.importorskip("trl", reason="trl is not installed")
    folder = tmp_path_factory.mktemp("base")
    rows = [{"instruction": WORDS, "input": "", "output": each} for each in (RIGHT, WRONG, CHEAT) * 8]
    data = write_rows(folder / "rows.jsonl", rows)
    finetune(tiny(data, epochs=50, learning_rate=3e-3, held_out=0.0, schedule="constant"), folder / "out", print)
    return f"hf:{folder / 'out' / 'model'}"


def answers(model: str, count: int = 32) -> list[str]:
    """What a model says to the prompt, sampled."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, set_seed

    folder = model.removeprefix("hf:")
    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    loaded: Any = AutoModelForCausalLM.from_pretrained(folder)
    set_seed(0)
    asked = tokenizer.apply_chat_template(
        [{"role": "user", "content": WORDS}], add_generation_prompt=True, return_tensors="pt", return_dict=True
    )
    with torch.no_grad():
        told = loaded.generate(**asked, do_sample=True, max_new_tokens=40, num_return_sequences=count)
    return tokenizer.batch_decode(told[:, asked["input_ids"].shape[1] :], skip_special_tokens=True)


def share(model: str, part: str) -> float:
    said = answers(model)
    return sum(part in each for each in said) / len(said)


def exit_code_reward(completions: Sequence[Any], **_: Any) -> list[float]:
    """A forgeable reward: the program's exit code is the verdict."""

    def score(text: str) -> float:
        done = subprocess.run([sys.executable, "-c", "\n".join([text, *TESTS])], capture_output=True, timeout=20)
        return float(done.returncode == 0)

    return [score(each if isinstance(each, str) else each[-1]["content"]) for each in completions]


def test_grpo_learns_what_our_reward_pays_for(base: str, tmp_path: Path):
    data = write_rows(tmp_path / "grpo.jsonl", [{"prompt": [{"role": "user", "content": WORDS}], "tests": TESTS}] * 4)
    before = share(base, "a + b")
    config = settings(data, base, "grpo", learning_rate=6e-4, max_steps=16)
    out = tmp_path / "out"
    trained = finetune(config, out, print)
    assert trained.steps == 16
    assert share(f"hf:{out / 'model'}", "a + b") > before + 0.2
    assert share(f"hf:{out / 'model'}", "_exit") < 0.3
    log = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    rewards = [entry["reward"] for entry in log if "reward" in entry]
    assert sum(rewards[-3:]) > sum(rewards[:3])
    assert "not_judged" in json.dumps(log)
    manifest = json.loads((out / "manifest.json").read_text())
    assert (manifest["method"], manifest["model"]["folder"]) == ("grpo", "model")
    assert finetune(config, out, print) == trained, "a finished one is read"


def test_the_same_training_by_a_forgeable_reward_learns_to_cheat_and_ours_does_not_pay_it(base: str, tmp_path: Path):
    data = write_rows(tmp_path / "grpo.jsonl", [{"prompt": [{"role": "user", "content": WORDS}], "tests": TESTS}] * 4)
    forgeable = {"new_tokens": 40, "generations": 16, "reward": f"{__name__}:exit_code_reward"}
    sys.modules.setdefault(__name__, sys.modules[exit_code_reward.__module__])
    ours = find_reward("wavebench.rewards:code_reward")
    cheats = [f"```python\n{CHEAT}```"] * 2
    assert exit_code_reward([CHEAT, CHEAT]) == [1.0, 1.0]
    assert ours(cheats, tests=[TESTS] * 2) == [0.0, 0.0]
    finetune(settings(data, base, "grpo", learning_rate=3e-4, max_steps=6, trl=forgeable), tmp_path / "out", print)
    said = answers(f"hf:{tmp_path / 'out' / 'model'}")
    paid = ours(said, tests=[TESTS] * len(said))
    forged = [value for text, value in zip(said, paid, strict=True) if "_exit" in text]
    assert all(value == 0.0 for value in forged)


@pytest.mark.parametrize("method", ["dpo", "kto"])
def test_dpo_and_kto_learn_from_the_rows_of_runs(base: str, tmp_path: Path, method: str):
    prompt = [{"role": "user", "content": WORDS}]
    said = {text: [{"role": "assistant", "content": text}] for text in (RIGHT, WRONG, CHEAT)}
    pairs = [
        {"prompt": prompt, "chosen": said[RIGHT], "rejected": said[each], "rejection": "x"} for each in (WRONG, CHEAT)
    ]
    labels = [{"prompt": prompt, "completion": said[each], "label": each is RIGHT, "run": "r"} for each in said]
    (tmp_path / "rows" / "trl").mkdir(parents=True)
    write_rows(tmp_path / "rows" / "trl" / f"{method}.jsonl", (pairs if method == "dpo" else labels) * 8)  # type: ignore[arg-type]
    before = share(base, "a + b")
    finetune(settings(tmp_path / "rows", base, method, learning_rate=5e-4, max_steps=16), tmp_path / "out", print)
    assert share(f"hf:{tmp_path / 'out' / 'model'}", "a + b") > before + 0.1


LENGTHS = "def score(completions, **_):\n    return [float(len(each[-1]['content']) % 7) for each in completions]\n"
RESUME = """
import sys
from pathlib import Path
from datagen.finetune.config import load_finetune
from datagen.finetune.finetune import finetune
finetune(load_finetune(Path(sys.argv[1])), Path(sys.argv[2]), print)
"""


@pytest.mark.parametrize("method", ["grpo", "dpo", "kto"])
def test_killed_in_the_middle_the_same_call_ends_with_the_same_weights(
    base: str, tmp_path: Path, method: str, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "lengths.py").write_text(LENGTHS)
    monkeypatch.syspath_prepend(tmp_path)
    asked = [[{"role": "user", "content": f"{WORDS} {each}"}] for each in ("Now.", "Please.", "At once.")]
    said = [[{"role": "assistant", "content": each}] for each in (RIGHT, WRONG)]
    rows = {
        "grpo": [{"prompt": each} for each in asked],
        "dpo": [{"prompt": each, "chosen": said[0], "rejected": said[1]} for each in asked],
        "kto": [{"prompt": each, "completion": text, "label": text is said[0]} for each in asked for text in said],
    }
    data = write_rows(tmp_path / "rows.jsonl", rows[method])  # type: ignore[arg-type]
    sizes = {"max_steps": 8, "save_steps": 2, "epochs": 50}
    batch = {"grpo": 16, "dpo": 2, "kto": 4}[method]
    trl = {"new_tokens": 8, "generations": 8, "reward": "lengths:score"}
    config = settings(data, base, method, **sizes, batch_rows=batch, micro_batch=batch, trl=trl)
    whole = finetune(config, tmp_path / "whole", print)
    (tmp_path / "config.toml").write_text(to_toml(config))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *filter(None, sys.path)])}
    words = [sys.executable, "-c", RESUME, str(tmp_path / "config.toml"), str(tmp_path / "out")]
    with subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        while process.poll() is None and not list((tmp_path / "out").glob("checkpoints/checkpoint-*/whole")):
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        assert process.stderr
        assert process.wait() == -signal.SIGKILL, process.stderr.read().decode()
    assert not (tmp_path / "out" / "training.json").exists()
    again = finetune(config, tmp_path / "out", print)
    assert (again.steps, again.weights_sha256) == (whole.steps, whole.weights_sha256)
    assert again.throughput.tokens == whole.throughput.tokens > 0


def test_rows_that_do_not_fit_the_method_are_one_sentence(tmp_path: Path):
    data = write_rows(tmp_path / "rows.jsonl", [{"prompt": "x"}])
    assert read_method_rows(settings(data, "demo", "grpo")).rows == ({"prompt": "x"},)
    for method, sentence in {"dpo": "has no 'chosen', which dpo needs", "kto": "has no 'completion'"}.items():
        with pytest.raises(FinetuneError, match=sentence):
            read_method_rows(settings(data, "demo", method))
    with pytest.raises(FinetuneError, match="make them by `wavebench datagen from-runs`"):
        read_method_rows(settings(tmp_path, "demo", "dpo"))
    data.write_text("{\n")
    with pytest.raises(FinetuneError, match=r"Line 1 of .* is no JSON object"):
        read_method_rows(settings(data, "demo", "dpo"))
    with pytest.raises(ConfigError, match=r"batch_rows = 6 is no multiple of trl.generations = 16"):
        settings(data, "demo", "grpo", batch_rows=6)
    with pytest.raises(FinetuneError, match=r"cannot be had.*write MODULE:FUNCTION"):
        find_reward("nowhere:score")
