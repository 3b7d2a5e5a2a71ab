"""Loaded transformers models: borrowed in the middle of a training, given back as they were."""

import json
from pathlib import Path
from typing import Any

import pytest

import wavebench
from harness.models.live import borrowed, tensors_sha256, unwrapped
from harness.runs.run_folder import RunFolderError
from tests.harness.models.tiny_model import save_tiny_model

pytest.importorskip("torch", reason="the extra 'hf' is not installed")
Pair = tuple[Any, Any]


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Products this small gain nothing from threads, and lose much where other tests share the cores."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("llama")
    return save_tiny_model(folder, num_key_value_heads=2, attention_dropout=0.3, max_position_embeddings=512)


@pytest.fixture
def pair(folder: Path) -> Pair:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model: Any = AutoModelForCausalLM
    return model.from_pretrained(folder, dtype=torch.float64), AutoTokenizer.from_pretrained(folder)


def completions(folder: Path) -> dict[tuple[str, int], str]:
    rows = map(json.loads, (folder / "completions.jsonl").read_text().splitlines())
    return {(row["task_id"], row["sample"]): row["completion"] for row in rows}


def train_one_step(model: Any) -> float:
    import torch

    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    ids = torch.arange(100, 130).unsqueeze(0)
    loss = model(input_ids=ids, labels=ids).loss
    loss.backward()
    optimizer.step()
    return float(loss.detach())


def test_it_answers_as_the_same_model_from_files(pair: Pair, folder: Path, problems: Path, tmp_path: Path):
    settings: dict[str, Any] = {"data": problems, "samples": 2, "temperature": 0.8, "max_tokens": 12}
    wavebench.evaluate(pair, out=tmp_path / "live", **settings)
    wavebench.evaluate(f"hf:{folder}", out=tmp_path / "files", dtype="float64", **settings)
    assert completions(tmp_path / "live") == completions(tmp_path / "files")
    assert len(set(completions(tmp_path / "live").values())) > 4


def test_a_training_goes_on_as_if_nothing_had_been_evaluated(folder: Path, problems: Path):
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    library: Any = AutoModelForCausalLM
    tokenizer = AutoTokenizer.from_pretrained(folder)
    losses: list[list[float]] = []
    for evaluated in (False, True):
        model = library.from_pretrained(folder, dtype=torch.float64).train()
        torch.manual_seed(3)
        steps: list[float] = []
        for _ in range(3):
            steps.append(train_one_step(model))  # draws numbers, for dropout
            if evaluated:
                wavebench.evaluate((model, tokenizer), data=problems, limit=1, max_tokens=4, temperature=1)
        losses.append(steps)
    assert losses[0] == losses[1]
    assert len(set(losses[0])) == 3


def test_modes_gradients_and_random_numbers_are_left_as_they_were(pair: Pair, problems: Path):
    import torch

    model, tokenizer = pair
    model.train()
    model.model.layers[0].eval()  # a frozen part
    modes = {name: module.training for name, module in model.named_modules()}
    generator = torch.get_rng_state()
    wavebench.evaluate(pair, data=problems, limit=1, max_tokens=4)
    assert {name: module.training for name, module in model.named_modules()} == modes
    assert torch.equal(torch.get_rng_state(), generator)
    assert all(parameter.grad is None and parameter.requires_grad for parameter in model.parameters())
    seen: list[bool] = []

    def breaks_down(*_args: Any, **_kwargs: Any) -> None:
        seen.append(model.training)
        raise ZeroDivisionError

    handle = model.register_forward_pre_hook(breaks_down)
    with pytest.raises(ZeroDivisionError):
        wavebench.evaluate((model, tokenizer), data=problems, limit=1, max_tokens=4)
    handle.remove()
    assert seen == [False], "the model was asked in training mode"
    assert {name: module.training for name, module in model.named_modules()} == modes


def test_buffers_made_in_inference_mode_can_be_trained_with(pair: Pair):
    import torch

    model, _ = pair
    with borrowed(model), torch.inference_mode():
        model.register_buffer("table", torch.ones(3), persistent=False)
    assert not model.table.is_inference()
    assert "table" not in model.state_dict()


def test_the_manifest_identifies_the_weights_as_they_are_now(pair: Pair, problems: Path, tmp_path: Path):
    out, settings = tmp_path / "run", {"data": problems, "limit": 2, "max_tokens": 4, "model_name": "step 1"}
    before = tensors_sha256(pair[0])
    wavebench.evaluate(pair, out=out, **settings)
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["model"]["weights"] == f"sha256 of tensors {before}"
    assert manifest["model"]["device"] == "cpu"
    wavebench.evaluate(pair, out=out, **settings)  # the same weights go on
    train_one_step(pair[0])
    assert tensors_sha256(pair[0]) != before
    with pytest.raises(RunFolderError, match="holds answers of other weights"):
        wavebench.evaluate(pair, out=out, **settings)


def test_adapters_and_wrappers(pair: Pair, problems: Path, tmp_path: Path):
    peft = pytest.importorskip("peft")
    import torch

    model, tokenizer = pair
    settings: dict[str, Any] = {"data": problems, "max_tokens": 12}
    wavebench.evaluate(pair, out=tmp_path / "plain", **settings)
    config = peft.LoraConfig(r=4, target_modules=["q_proj", "v_proj"], init_lora_weights=False)
    adapted = peft.get_peft_model(model, config)
    wrapped = torch.nn.DataParallel(adapted)
    assert unwrapped(wrapped) is model
    wavebench.evaluate((wrapped, tokenizer), out=tmp_path / "adapted", **settings)
    merged = adapted.merge_and_unload()
    wavebench.evaluate((merged, tokenizer), out=tmp_path / "merged", **settings)
    answers = [completions(tmp_path / name) for name in ("plain", "adapted", "merged")]
    assert answers[0] != answers[1] == answers[2]


def test_what_cannot_be_asked_is_one_sentence(pair: Pair, problems: Path):
    import torch

    model, tokenizer = pair
    with pytest.raises(wavebench.WavebenchError, match="comes with its tokenizer"):
        wavebench.evaluate(model, data=problems)
    with pytest.raises(wavebench.WavebenchError, match="Linear is no transformers model"):
        wavebench.evaluate((torch.nn.Linear(2, 2), tokenizer), data=problems)
    next(model.parameters()).ds_id = 0  # as DeepSpeed marks its parts
    with pytest.raises(wavebench.WavebenchError, match="are sharded over processes"):
        wavebench.evaluate(pair, data=problems)
