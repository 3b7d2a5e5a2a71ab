"""Trainings of a few steps: what is computed does not depend on packing, interruption or the number of processes."""

import json
import math
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from datagen.finetune.config import FinetuneConfig, Sharding
from datagen.finetune.finetune import finetune, load
from datagen.finetune.rows.batches import response_loss, to_batch
from datagen.finetune.rows.schedule import pack
from datagen.finetune.training.checkpoints import last_whole
from datagen.finetune.training.prepared import prepare
from datagen.finetune.training.processes import launch
from tests.datagen.training_rows import make_rows, tiny, write_rows


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_rows(tmp_path_factory.mktemp("rows") / "rows.jsonl", make_rows(40))


@pytest.fixture(scope="module")
def plain(rows: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An uninterrupted training in one process."""
    out = tmp_path_factory.mktemp("plain") / "out"
    finetune(tiny(rows), out, print)
    return out


def weights(out: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    return load_file(out / "model" / "model.safetensors")


def largest_difference(first: Path, second: Path) -> float:
    one, two = weights(first), weights(second)
    assert one.keys() == two.keys()
    return max((one[name] - two[name]).abs().max().item() for name in one)


def test_the_folder_holds_model_manifest_report_and_curve(plain: Path, rows: Path):
    manifest = json.loads((plain / "manifest.json").read_text())
    training = json.loads((plain / "training.json").read_text())
    assert manifest["data"]["path"] == str(rows)
    assert manifest["model"]["weights"] == f"sha256 {training['weights_sha256']}"
    assert {"base", "template", "seed", "versions", "config", "throughput"} <= manifest.keys()
    losses = [entry["loss"] for entry in training["held_out"]]
    assert losses[-1] < losses[0]
    steps = [json.loads(line) for line in (plain / "log.jsonl").read_text().splitlines()]
    assert [step["step"] for step in steps] == list(range(1, training["steps"] + 1))
    assert all(step["tokens"] > 0 and step["seconds"] > 0 for step in steps)
    assert (plain / "loss.png").read_bytes().startswith(b"\x89PNG")
    assert "data:image/png;base64," in (plain / "report.html").read_text()
    assert "Held-out loss" in (plain / "report.md").read_text()
    assert not (plain / "checkpoints").exists()


def test_a_finished_training_is_not_run_again(plain: Path, rows: Path):
    before = (plain / "training.json").stat().st_mtime_ns
    finetune(tiny(rows), plain, print)
    assert (plain / "training.json").stat().st_mtime_ns == before


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
def test_packed_rows_have_the_losses_and_gradients_of_rows_alone(rows: Path, tmp_path: Path, attention: str):
    loaded = load(tiny(rows, attention=attention), tmp_path)
    encoded, model = loaded.prepared.encoded.rows, loaded.model.eval()
    bins = [[encoded[row] for row in each] for each in pack(range(12), [len(row) for row in encoded[:12]], 256)]
    assert len(bins) < 12
    pad = loaded.prepared.tokenizer.pad_token_id

    def outcome(batches: list[dict[str, Any]], count: int) -> tuple[float, Any]:
        model.zero_grad()
        loss: Any
        loss = sum(response_loss(model(input_ids=b["input_ids"], position_ids=b["position_ids"]), b["labels"], count)
                   for b in batches)  # fmt: skip
        loss.backward()
        return loss.item(), torch.cat([each.grad.flatten().clone() for each in model.parameters()])

    count = sum(row.response_tokens for row in encoded[:12])
    alone = outcome([to_batch([[row]], pad) for row in encoded[:12]], count)
    packed = outcome([to_batch(bins, pad)], count)
    assert packed[0] == pytest.approx(alone[0], rel=1e-6)
    assert torch.allclose(packed[1], alone[1], atol=1e-6, rtol=1e-4)
    whole = to_batch(bins, pad)
    joined = outcome([{**whole, "position_ids": torch.arange(whole["input_ids"].shape[1])[None]}], count)
    assert abs(joined[0] - alone[0]) > 1e-4, "rows that attend to each other must be seen by this test"


def test_packing_checkpointing_and_micro_batches_change_no_weight(plain: Path, rows: Path, tmp_path: Path):
    changes = {"packing": False, "micro_batch": 3, "gradient_checkpointing": True}
    finetune(tiny(rows, **changes), tmp_path / "padded", print)
    assert 0 < largest_difference(plain, tmp_path / "padded") < 1e-5


def test_another_seed_gives_other_weights(plain: Path, rows: Path, tmp_path: Path):
    finetune(tiny(rows, seed=43), tmp_path / "other", print)
    assert largest_difference(plain, tmp_path / "other") > 1e-3


@pytest.mark.parametrize("lora", [None, {"rank": 4, "dropout": 0.1}])
def test_killed_after_any_checkpoint_and_resumed_the_weights_are_the_same_bits(
    plain: Path, rows: Path, tmp_path: Path, lora: dict[str, Any] | None
):
    config = tiny(rows, lora=lora) if lora else tiny(rows)
    whole = plain
    if lora:
        whole = tmp_path / "whole"
        finetune(config, whole, print)
    kill_behind_checkpoint(config, tmp_path / "killed", 6)
    torn = tmp_path / "killed" / "checkpoints" / "checkpoint-9"
    torn.mkdir(exist_ok=True)
    (torn / "model.safetensors").write_bytes(b"half")
    (torn / "whole").unlink(missing_ok=True)
    finetune(config, tmp_path / "killed", print)
    assert largest_difference(whole, tmp_path / "killed") == 0
    logs = [[(e["step"], e["loss"]) for e in map(json.loads, (out / "log.jsonl").read_text().splitlines())]
            for out in (whole, tmp_path / "killed")]  # fmt: skip
    assert logs[0] == logs[1]


def kill_behind_checkpoint(config: FinetuneConfig, out: Path, step: int) -> None:
    """Trains in a process of its own that kills itself with SIGKILL as soon as this step's checkpoint is whole."""
    program = (
        "import os, signal, sys, msgspec, datagen.finetune.training.trainer as trainer\n"
        "from pathlib import Path\n"
        "from datagen.finetune.config import parse_finetune\n"
        "from datagen.finetune.finetune import finetune\n"
        "mark = trainer.mark_whole\n"
        "def die(checkpoint):\n"
        "    mark(checkpoint)\n"
        f"    if checkpoint.name == 'checkpoint-{step}': os.kill(os.getpid(), signal.SIGKILL)\n"
        "trainer.mark_whole = die\n"
        "finetune(parse_finetune(msgspec.json.decode(sys.argv[1]), 'test'), Path(sys.argv[2]), print)\n"
    )
    import msgspec

    words = [sys.executable, "-c", program, msgspec.json.encode(config).decode(), str(out)]
    done = subprocess.run(words, capture_output=True, timeout=200, check=False)
    assert done.returncode == -9, done.stderr.decode()
    found = last_whole(out / "checkpoints")
    assert found is not None
    assert found.name == f"checkpoint-{step}"


@pytest.mark.parametrize("sharding", ["ddp", "fsdp"])
def test_two_processes_train_the_weights_of_one(rows: Path, tmp_path: Path, sharding: str, plain: Path):
    config = tiny(rows, processes=2, sharding=sharding)
    prepare(config, tmp_path / "two")
    launch(config, tmp_path / "two")
    assert largest_difference(plain, tmp_path / "two") < 1e-5
    manifest = json.loads((tmp_path / "two" / "manifest.json").read_text())
    assert manifest["schedule"]["processes"] == 2


def test_a_merged_adapter_answers_as_the_unmerged_one(rows: Path, tmp_path: Path):
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    out = tmp_path / "lora"
    config = tiny(rows, lora={"rank": 4}, learning_rate=0.01)
    finetune(config, out, print)
    loaded = load(config, tmp_path)
    base = AutoModelForCausalLM.from_pretrained(loaded.prepared.base.folder)
    ids = torch.tensor([loaded.prepared.encoded.rows[0].ids])
    with torch.no_grad():
        of_base = base(ids).logits
        unmerged: Any = PeftModel.from_pretrained(base, str(out / "adapter"))
        of_adapter = unmerged(ids).logits
        of_merged = AutoModelForCausalLM.from_pretrained(out / "model")(ids).logits
    assert (of_adapter - of_base).abs().max() > 1e-2
    assert torch.allclose(of_adapter, of_merged, atol=1e-5)
    assert (out / "adapter" / "adapter_model.safetensors").stat().st_size < (
        out / "model" / "model.safetensors"
    ).stat().st_size


def test_adafactor_bf16_and_a_constant_rate_run_too(rows: Path, tmp_path: Path):
    config = tiny(rows, optimizer="adafactor", schedule="constant", precision="bf16", max_steps=3, limit=12)
    training = finetune(config, tmp_path / "out", print)
    assert training.steps == 3
    assert all(math.isfinite(each.loss) for each in training.held_out)
    assert {str(tensor.dtype) for tensor in weights(tmp_path / "out").values()} == {"torch.bfloat16"}


def test_the_model_loads_through_hf_under_the_manifests_hash(plain: Path):
    from harness.model import Request, Sampling
    from harness.models.options import ModelOptions
    from harness.models.registry import open_model
    from tasks.prompt import Prompt

    model = open_model(f"hf:{plain / 'model'}", ModelOptions())
    assert model.facts()["weights"] == json.loads((plain / "manifest.json").read_text())["model"]["weights"]
    prompt = Prompt("### Instruction:\nWrite a Python function add_3.\n\n### Response:")
    (answer,) = model.answer([Request("t/0", 0, 0, prompt, 1)], Sampling(0.0, 1.0, 0, 8, 0))
    assert answer.completion_tokens > 0


@pytest.fixture
def base_without(rows: Path, tmp_path: Path) -> Callable[[str], Path]:
    """A scratch model's folder whose tokenizer lacks a token."""

    def build(token: str) -> Path:
        folder = tmp_path / f"without-{token}"
        shutil.copytree(prepare(tiny(rows), tmp_path / "work").base.folder, folder)
        file = folder / "tokenizer_config.json"
        settings = json.loads(file.read_text())
        settings.pop(token)
        file.write_text(json.dumps(settings))
        return folder

    return build


def command(folder: Path, text: str, *, memory_mb: int | None = None) -> subprocess.CompletedProcess[str]:
    """The command on a file with this text."""
    (folder / "asked.toml").write_text(text)
    words = [sys.executable, "-m", "datagen.finetune", "asked.toml", "--out", "asked"]
    if memory_mb:
        words = ["prlimit", f"--as={memory_mb << 20}", *words]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=200, check=False)


def in_one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr.strip().splitlines()[-1]


def refused(config: FinetuneConfig, out: Path) -> str:
    from sandbox.errors import WavebenchError

    with pytest.raises(WavebenchError) as caught:
        finetune(config, out, print)
    return str(caught.value)


def test_no_token_to_pad_with_is_one_sentence(rows: Path, tmp_path: Path, base_without: Callable[[str], Path]):
    base = base_without("pad_token")
    sentence = refused(tiny(rows, base=f"hf:{base}"), tmp_path / "out")
    assert "has no token to pad with: add pad_token = 'eos'" in sentence
    loaded = load(tiny(rows, base=f"hf:{base}", pad_token="eos"), tmp_path / "ours")
    assert loaded.prepared.tokenizer.pad_token_id == loaded.prepared.tokenizer.eos_token_id
    assert "'<x>' is not in the tokenizer's vocabulary" in refused(
        tiny(rows, base=f"hf:{base}", pad_token="<x>"), tmp_path / "out"
    )


def test_no_end_of_text_is_one_sentence(rows: Path, tmp_path: Path, base_without: Callable[[str], Path]):
    base = base_without("eos_token")
    assert "has no end-of-text token" in refused(tiny(rows, base=f"hf:{base}"), tmp_path / "out")


def test_an_empty_response_is_one_sentence(tmp_path: Path):
    data = make_rows(20)
    data[6]["output"] = " \n"
    file = write_rows(tmp_path / "rows.jsonl", data)
    sentence = refused(tiny(file), tmp_path / "out")
    assert f"Row 7 of {str(file)!r} has no response (1 such of 20): fill or remove it" in sentence
    checks = load(tiny(file, empty_responses="drop"), tmp_path / "out").checks
    assert checks.rows_without_response == 1
    assert "1 rows have no response and are left out." in checks.remarks


def test_a_gpu_preset_without_a_gpu_is_one_sentence(tmp_path: Path):
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    write_rows(tmp_path / "rows.jsonl", make_rows(10))
    said = in_one_sentence(command(tmp_path, 'preset = "wavecoder-ds"\nbase = "scratch"\ndata = "rows.jsonl"\n'))
    assert said.startswith("The preset 'wavecoder-ds' wants a GPU and torch finds none")
    assert "device = 'cpu'" in said


def test_out_of_memory_is_one_sentence(tmp_path: Path):
    rows = write_rows(tmp_path / "rows.jsonl", make_rows(400))
    shape = "[scratch]\nhidden = 256\nlayers = 8\nvocabulary = 400\n"
    text = f'preset = "tiny"\nbase = "scratch"\ndata = "{rows}"\nmicro_batch = 400\nbatch_rows = 400\nsequence = 1024\n'
    said = in_one_sentence(command(tmp_path, text + shape, memory_mb=4_000))
    assert said.startswith("Out of memory with micro_batch = 400 sequences of 1024 tokens: lower micro_batch")


def test_what_cannot_fit_is_refused_before_training(rows: Path):
    from datagen.finetune.config import FinetuneError
    from datagen.finetune.training.memory import expected_memory, refuse_too_large
    from datagen.finetune.training.throughput import ModelShape

    config = tiny(rows, optimizer="adamw", sequence=2048, micro_batch=1)
    shape = ModelShape(parameters=6_700_000_000, layers=32, hidden=4096)
    expected = expected_memory(config, shape, shape.parameters, shape.parameters, 32_000)
    assert expected.states == 6_700_000_000 * 16
    with pytest.raises(FinetuneError, match=r"need 99\.8 GiB, but only 22\.0 GiB are free: train an adapter"):
        refuse_too_large(expected, 22 << 30, config)
    shared = replace(config, processes=8, sharding=Sharding.FSDP)
    assert expected_memory(shared, shape, shape.parameters, shape.parameters, 32_000).states == expected.states // 8


def test_other_words_in_the_evaluation_are_told(rows: Path, tmp_path: Path):
    problems = Path(__file__).parents[1] / "data" / "problems.jsonl"
    asked = [{"task": "humaneval", "style": style, "data": str(problems)} for style in ("alpaca", "complete", "chat")]
    remarks = [r for r in load(tiny(rows, asked=asked), tmp_path).checks.remarks if "asks in other words" in r]
    # A chat is worded by the template that goes with the trained tokenizer, so it asks in the words that were taught.
    assert len(remarks) == 1
    assert "'humaneval' in style 'complete'" in remarks[0]


def test_another_recipe_data_or_folder_is_refused(tmp_path: Path):
    own = write_rows(tmp_path / "own.jsonl", make_rows(20))
    finetune(tiny(own, max_steps=1), tmp_path / "out", print)
    assert "was trained with learning_rate = 0.002; this command asks for 0.1" in refused(
        tiny(own, max_steps=1, learning_rate=0.1), tmp_path / "out"
    )
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.txt").touch()
    assert "holds other files and no training" in refused(tiny(own), tmp_path / "home")
    (tmp_path / "out" / "training.json").unlink()
    write_rows(own, make_rows(21))
    assert "has changed since" in refused(tiny(own, max_steps=1), tmp_path / "out")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"learning_rat": 1}, "unknown setting 'learning_rat'"),
        ({"preset": "wavecoder"}, "preset = 'wavecoder' is unknown: use one of wavecoder-ds"),
        ({"optimizer": "sgd"}, "optimizer = 'sgd' is unknown: use adamw, adafactor"),
        ({"batch_rows": 0}, "batch_rows = 0 is out of range: at least 1"),
        ({"keep_checkpoints": 1}, "keep_checkpoints = 1 is out of range: at least 2"),
        ({"held_out": 1.0}, "held_out = 1.0 is out of range"),
        ({"precision": "fp8"}, "wrong kind"),
        ({"base": ""}, "does not set 'base'"),
    ],
)
def test_a_wrong_setting_is_one_sentence(tmp_path: Path, changes: dict[str, Any], sentence: str):
    from harness.runs.settings import ConfigError

    with pytest.raises(ConfigError) as caught:
        tiny(tmp_path, **changes)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"base": "hf:./nowhere"}, "No model at './nowhere'"),
        ({"base": "gpt"}, "Unknown base model 'gpt'"),
        ({"template": "alpaka"}, "Unknown template 'alpaka'"),
        ({"sequence": 16}, "is left to train on at sequence = 16"),
        ({"held_out_data": "/nowhere.jsonl"}, "cannot be read"),
    ],
)
def test_a_missing_thing_is_one_sentence(rows: Path, tmp_path: Path, changes: dict[str, Any], sentence: str):
    assert sentence in refused(tiny(rows, **changes), tmp_path / "out")


def test_a_held_out_row_is_held_out_of_every_variant(tmp_path: Path):
    from datagen.finetune.rows.training_rows import load_training_rows

    whole = make_rows(200)
    for number, row in enumerate(whole):
        row["function_id"] = f"f{number // 2}"
    part = [row for row in whole if not row["input"]]
    all_rows = load_training_rows(tiny(write_rows(tmp_path / "all.jsonl", whole)))
    some = load_training_rows(
        tiny(write_rows(tmp_path / "some.jsonl", part), held_out_data=str(tmp_path / "all.jsonl"))
    )
    assert some.held_out == all_rows.held_out
    assert 5 < len(all_rows.held_out) < 40
    held = {row.origin for row in all_rows.held_out}
    assert not held & {row.origin for row in (*all_rows.train, *some.train)}


def test_mfu_is_the_stated_formula():
    from datagen.finetune.training.throughput import ModelShape, StepTime, measure, peak_of

    shape = ModelShape(parameters=1_000, layers=2, hidden=8)
    found = measure([StepTime(100, 1.0), StepTime(300, 1.0), StepTime(200, 1.0)], shape, [10, 30], 2, 1e-6)
    assert found.mean_context == (100 + 900) / 40
    assert found.tokens_per_second == 200
    assert found.mfu == pytest.approx(200 * (6 * 1_000 + 12 * 2 * 8 * 25) / (2 * 1e6))
    assert peak_of("NVIDIA H200") == 989
    assert measure([], shape, [], 1, peak_of("cpu")).mfu is None
