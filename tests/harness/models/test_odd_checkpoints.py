"""Checkpoints that are damaged, incomplete or swapped: refused in one sentence, never answered by random numbers."""

import json
import os
import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from harness.generation.generate import generate
from harness.model import ModelError
from harness.models.hf.weights import weights_sha256
from harness.models.options import ModelOptions
from harness.models.registry import open_model
from harness.runs.config import RunConfig
from harness.runs.run import open_run
from tests.harness.models.ask_elsewhere import ModelElsewhere, vllm_python
from tests.harness.models.tiny_model import save_tiny_model

needed = [name for name in ("torch", "transformers", "safetensors") if not find_spec(name)]
pytestmark = pytest.mark.skipif(bool(needed), reason=f"not installed: {', '.join(needed)}")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_model(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def checkpoint(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "checkpoint"))


def change_json(file: Path, **fields: Any) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | fields))


def drop_tensor(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    tensors = load_file(folder / "model.safetensors")
    del tensors["model.layers.1.mlp.up_proj.weight"]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def tear(folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:5000])


def widen(folder: Path) -> None:
    change_json(folder / "config.json", intermediate_size=96)


def append_end_tokens(folder: Path) -> None:
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    end = {"SpecialToken": {"id": "<|im_end|>", "type_id": 0}}
    single = [{"Sequence": {"id": "A", "type_id": 0}}, end]
    special = {"<|im_end|>": {"id": "<|im_end|>", "ids": [1], "tokens": ["<|im_end|>"]}}
    tokenizer["post_processor"] = {
        "type": "TemplateProcessing",
        "single": single,
        "pair": single,
        "special_tokens": special,
    }
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))


def add_tokens(folder: Path) -> None:
    from transformers import AutoTokenizer

    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    tokenizer.add_tokens([f"token{n}" for n in range(9)])
    tokenizer.save_pretrained(folder)


def remove_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def break_config(folder: Path) -> None:
    (folder / "config.json").write_bytes(b'{"model_type": "ll\xff')


ODD: dict[str, tuple[Callable[[Path], None], str]] = {
    "a tensor is missing": (drop_tensor, r"lacks 1 of the model's tensors, such as model\.layers\.1\.mlp\.up_proj"),
    "a torn file": (tear, "cannot load .* download it again if its files are damaged"),
    "another shape": (widen, "cannot load|lacks"),
    "no weights": (remove_weights, "cannot load"),
    "a broken configuration": (break_config, "cannot load"),
    "end tokens behind prompts": (append_end_tokens, "appends the end token .* add_eos_token"),
    "more tokens than the model knows": (add_tokens, "they do not belong together"),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_checkpoint_is_refused_in_one_sentence(checkpoint: Path, name: str):
    change, sentence = ODD[name]
    change(checkpoint)
    with pytest.raises(ModelError, match=sentence) as caught:
        open_model(f"hf:{checkpoint}")
    assert "\n" not in str(caught.value)


@pytest.mark.timeout(600)
@pytest.mark.skipif(not vllm_python(), reason="vLLM is not installed here nor in an environment of its own: make vllm")
def test_vllm_refuses_the_same_checkpoints_by_the_same_sentences(whole: Path, tmp_path: Path):
    """Before its engine starts. Itself it would open one that lacks tensors, and answer by what its memory holds."""
    with ModelElsewhere(vllm_python() or Path(), tmp_path / "log") as elsewhere:
        for number, (change, sentence) in enumerate(ODD.values()):
            folder = Path(shutil.copytree(whole, tmp_path / str(number)))
            change(folder)
            with pytest.raises(ModelError, match=sentence) as caught:
                elsewhere.open(f"vllm:{folder}")
            assert "\n" not in str(caught.value)
        with pytest.raises(ModelError, match="no model at '/no/model'"):
            elsewhere.open("vllm:/no/model")
        with pytest.raises(ModelError, match="unknown vllm_log_level 'LOUD'"):
            elsewhere.open(f"vllm:{whole}", vllm_log_level="loud")


def test_a_name_is_looked_for_once_where_there_is_no_hub(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    import huggingface_hub.constants as hub

    monkeypatch.setattr(hub, "ENDPOINT", "http://127.0.0.1:9")  # a port where nobody listens
    monkeypatch.setattr(hub, "HF_HUB_OFFLINE", False)
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ModelError, match="cannot load 'nobody/nothing'"):
        open_model("hf:nobody/nothing")
    assert "http://127.0.0.1:9 cannot be reached" in caplog.text
    assert "etry" not in caplog.text


def asked(folder: Path, data: Path, **changes: Any) -> RunConfig:
    settings = {"task": "humaneval", "style": "complete", "data": str(data / "problems.jsonl"), "max_tokens": 4}
    return RunConfig(model=f"hf:{folder}", **{**settings, "limit": 1, **changes})


def swap(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    tensors = {name: tensor + 0.01 for name, tensor in load_file(folder / "model.safetensors").items()}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def test_a_run_is_never_mixed_with_the_answers_of_other_weights(tmp_path: Path, checkpoint: Path, data: Path):
    with open_run(asked(checkpoint, data), tmp_path / "run") as run:
        generate(run)
        before = run.folder.manifest()["model"]
        generate(run)  # nothing is missing, nothing has changed
    swap(checkpoint)
    with (
        open_run(asked(checkpoint, data), tmp_path / "run") as run,
        pytest.raises(ModelError, match=r"holds answers of other weights .* choose another --out"),
    ):
        generate(run)  # a finished run repeats no old score
    with open_run(asked(checkpoint, data, limit=2), tmp_path / "other") as run:
        run.folder.completions.append(answers_of(tmp_path / "run")[0])
        run.folder.note({"model": before})
        with pytest.raises(ModelError, match="holds answers of other weights"):
            generate(run)  # nor does a run go on with them
    assert run.folder.manifest()["model"] == before


def answers_of(folder: Path) -> list[Any]:
    from harness.runs.completion_log import CompletionLog

    log = CompletionLog(folder / "completions.jsonl")
    log.open(writable=False)
    found = [turn for key in log.samples() for turn in log.turns(key)]
    log.close()
    return found


def test_touched_files_with_the_same_weights_go_on(tmp_path: Path, checkpoint: Path, data: Path):
    with open_run(asked(checkpoint, data), tmp_path / "run") as run:
        generate(run)
        os.utime(checkpoint / "model.safetensors")
        generate(run)
        stamp = run.folder.manifest()["model"]["weights_files"]
    assert stamp.endswith(str((checkpoint / "model.safetensors").stat().st_mtime_ns))


def test_weights_in_older_formats_have_hashes_of_their_own(tmp_path: Path, checkpoint: Path):
    import torch
    from safetensors.torch import load_file

    hashes: set[str] = set()
    tensors = load_file(checkpoint / "model.safetensors")
    (checkpoint / "model.safetensors").unlink()
    (checkpoint / "training_args.bin").write_bytes(b"of the trainer")
    empty = weights_sha256(tmp_path)
    for change in (0.0, 0.01):
        torch.save({name: tensor + change for name, tensor in tensors.items()}, checkpoint / "pytorch_model.bin")
        hashes.add(weights_sha256(checkpoint))
    assert len(hashes - {empty}) == 2
    assert open_model(f"hf:{checkpoint}", ModelOptions()).facts()["weights"] in {f"sha256 {each}" for each in hashes}
