"""A real LoRA adapter: its texts are those of peft's own unmerged model, and what does not fit is one sentence."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.model import ModelError, Request, Sampling
from harness.models.options import ModelOptions
from harness.models.registry import open_model
from tasks.prompt import Prompt
from tests.harness.models.tiny_model import save_tiny_model

torch = pytest.importorskip("torch", reason="the extra 'hf' is not installed")
peft = pytest.importorskip("peft", reason="the extra 'hf' is not installed")

TEXTS = [f"def f{number}(a, b):\n" * (1 + number % 3) for number in range(8)]


def save_adapter(base: Path, folder: Path, targets: tuple[str, ...] = ("q_proj", "v_proj"), scale: float = 0.5) -> Path:
    """Random weights, large enough that texts change."""
    import transformers

    library: Any = transformers
    tuner: Any = peft
    model = library.AutoModelForCausalLM.from_pretrained(base, dtype=torch.float64)
    config = tuner.LoraConfig(r=4, lora_alpha=8, target_modules=list(targets), task_type="CAUSAL_LM")
    adapted = tuner.get_peft_model(model, config)
    torch.manual_seed(3)
    for name, weight in adapted.named_parameters():
        if "lora_" in name:
            torch.nn.init.normal_(weight, std=scale)
    adapted.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_model(tmp_path_factory.mktemp("base"), num_key_value_heads=2)


@pytest.fixture(scope="module")
def adapter(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_adapter(base, tmp_path_factory.mktemp("adapter"))


def texts(base: Path, **options: Any) -> list[str]:
    model = open_model(f"hf:{base}", ModelOptions(dtype="float64", **options))
    requests = [Request(str(number), 0, 0, Prompt(text=text), 0) for number, text in enumerate(TEXTS)]
    found = {it.task_id: it.completion for it in model.answer(requests, Sampling(max_tokens=20))}
    return [found[str(number)] for number in range(len(TEXTS))]


def test_an_adapter_gives_the_texts_of_peft(base: Path, adapter: Path):
    import transformers

    library: Any = transformers
    tuner: Any = peft
    unmerged = tuner.PeftModel.from_pretrained(
        library.AutoModelForCausalLM.from_pretrained(base, dtype=torch.float64), adapter
    ).eval()
    tokenizer = library.AutoTokenizer.from_pretrained(base)
    expected: list[str] = []
    for text in TEXTS:
        ids = tokenizer(text, return_tensors="pt").input_ids
        whole = unmerged.generate(
            input_ids=ids, attention_mask=torch.ones_like(ids), max_new_tokens=20, do_sample=False
        )
        new = whole[0, ids.shape[1] :].tolist()
        ends = {1, *range(60, 80)}
        expected.append(tokenizer.decode(new[:-1] if new[-1] in ends else new, skip_special_tokens=True))
    with_adapter = texts(base, adapter=str(adapter))
    assert with_adapter == expected
    assert with_adapter != texts(base)


def test_the_manifest_tells_which_adapter(base: Path, adapter: Path):
    facts = open_model(f"hf:{base}", ModelOptions(dtype="float64", adapter=str(adapter))).facts()
    assert facts["adapter"].startswith("sha256 ")
    assert "adapter" not in open_model(f"hf:{base}", ModelOptions(dtype="float64")).facts()


def test_an_adapter_of_another_model_is_one_sentence(adapter: Path, tmp_path: Path):
    wider = save_tiny_model(tmp_path / "wider", hidden_size=64)
    with pytest.raises(ModelError, match=r"does not fit .*wider.*name the model that it was trained on"):
        open_model(f"hf:{wider}", ModelOptions(adapter=str(adapter)))
    deeper = save_tiny_model(tmp_path / "deeper", num_key_value_heads=2, num_hidden_layers=3)
    with pytest.raises(ModelError, match=r"does not fit .*no counterpart"):
        open_model(f"hf:{deeper}", ModelOptions(adapter=str(adapter)))
    other = save_tiny_model(tmp_path / "other", "GPT2LMHeadModel")
    with pytest.raises(ModelError, match="does not fit"):
        open_model(f"hf:{other}", ModelOptions(adapter=str(adapter)))


def test_what_is_no_adapter_is_one_sentence(base: Path, adapter: Path, tmp_path: Path):
    with pytest.raises(ModelError, match=r"no adapter at .*adapter_config\.json"):
        open_model(f"hf:{base}", ModelOptions(adapter=str(tmp_path)))
    with pytest.raises(ModelError, match="name its base as hf:BASE and add --adapter"):
        open_model(f"hf:{adapter}")
    with pytest.raises(ModelError, match="'replay:x' takes no adapter"):
        open_model("replay:x", ModelOptions(adapter=str(adapter)))


def test_without_peft_the_sentence_names_the_extra(adapter: Path):
    code = (
        "import sys; sys.modules['peft'] = None\n"
        "from harness.models.hf.adapter import merge_adapter\n"
        "from harness.model import ModelError\n"
        "try:\n    merge_adapter(None, 'x', sys.argv[1])\nexcept ModelError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(adapter)], capture_output=True, text=True, check=True)
    assert "[hf]" in done.stdout


def test_a_device_map_gives_the_same_texts_and_stands_alone(base: Path, monkeypatch: pytest.MonkeyPatch):
    assert texts(base, device_map="auto") == texts(base)
    with pytest.raises(ModelError, match="unknown device_map 'everywhere'"):
        open_model(f"hf:{base}", ModelOptions(device_map="everywhere"))
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(ModelError, match="start one process"):
        open_model(f"hf:{base}", ModelOptions(device_map="auto"))


def test_an_adapter_is_part_of_what_a_run_is(base: Path, adapter: Path):
    from harness.runs.config import ASKING_FIELDS, RunConfig

    assert "adapter" in ASKING_FIELDS
    config = RunConfig(f"hf:{base}", "humaneval", adapter=str(adapter))
    assert config.model_options.adapter == str(adapter)
    assert json.loads((adapter / "adapter_config.json").read_text())["peft_type"] == "LORA"
