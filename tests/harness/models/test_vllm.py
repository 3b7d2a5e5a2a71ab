"""vLLM wants an environment of its own: where it is installed, it must answer as transformers does."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from harness.model import ModelError, Request, Sampling
from harness.models.options import ModelOptions
from harness.models.registry import open_model
from tasks.prompt import Prompt
from tests.harness.models.tiny_model import save_tiny_model

needs_vllm = pytest.mark.skipif(not find_spec("vllm"), reason="vLLM is not installed in this environment")


@pytest.mark.skipif(bool(find_spec("vllm")), reason="vLLM is installed")
def test_a_missing_vllm_is_one_sentence_with_both_remedies():
    with pytest.raises(ModelError, match=r"needs vLLM .*\[vllm\].*--base-url"):
        open_model("vllm:/no/model")


@needs_vllm
def test_greedy_texts_are_those_of_transformers_and_seeds_are_kept(tmp_path: Path):
    folder = save_tiny_model(tmp_path, num_key_value_heads=2, hidden_size=128)
    options = ModelOptions(dtype="float32", batch_rows=8)
    api_requests = [
        Request(f"t{n}", s, 0, Prompt(text=f"def f{n}(a):\n"), seed=10 * n + s) for n in range(6) for s in (0, 1)
    ]

    def texts(kind: str, temperature: float, requests: list[Request]) -> dict[tuple[str, int], str]:
        model = models[kind] if kind in models else models.setdefault(kind, open_model(f"{kind}:{folder}", options))
        sampling = Sampling(temperature=temperature, max_tokens=20)
        return {(it.task_id, it.sample): it.completion for it in model.answer(requests, sampling)}

    models = {}
    assert texts("vllm", 0.0, api_requests) == texts("hf", 0.0, api_requests)
    drawn = texts("vllm", 0.8, api_requests)
    assert drawn == texts("vllm", 0.8, api_requests[::-1])
    assert any(drawn[f"t{n}", 0] != drawn[f"t{n}", 1] for n in range(6))
