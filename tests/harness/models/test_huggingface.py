import itertools
from pathlib import Path
from typing import Any

import pytest

from harness.completion import Completion
from harness.model import ModelError, Request, Sampling
from harness.models.hf.load import open_huggingface
from harness.models.hf.model import HuggingFaceModel
from harness.models.options import ModelOptions
from harness.models.registry import open_model
from tasks.prompt import Message, Prompt
from tests.harness.models.tiny_model import END_TOKENS, save_tiny_model

pytest.importorskip("torch", reason="the extra 'hf' is not installed")

TEXTS = [f"def f{number}(a, b):\n" * (1 + number % 4) + "x" * number for number in range(24)] + ["def add(a, b):\n"] * 2
Answers = dict[tuple[str, int], tuple[str, int, str]]


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
    return save_tiny_model(tmp_path_factory.mktemp("llama"), num_key_value_heads=2)


def opened(folder: Path, **changes: Any) -> HuggingFaceModel:
    return open_huggingface(str(folder), ModelOptions(dtype="float64", **changes))


def requests(samples: int = 1, **fields: Any) -> list[Request]:
    return [
        Request(f"task {number}", sample, 0, Prompt(text=text, **fields), seed=1000 * number + sample)
        for number, text in enumerate(TEXTS)
        for sample in range(samples)
    ]


def answers(completions: list[Completion]) -> Answers:
    found = {(it.task_id, it.sample): (it.completion, it.completion_tokens, it.finish_reason) for it in completions}
    assert len(found) == len(completions), "a sample was answered twice"
    return found


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("LlamaForCausalLM", {"num_key_value_heads": 2}),
        ("MistralForCausalLM", {"num_key_value_heads": 2, "sliding_window": 12}),
        ("GPT2LMHeadModel", {"max_position_embeddings": 256}),
    ],
)
def test_batches_give_what_transformers_generates_one_by_one(tmp_path: Path, kind: str, changes: dict[str, Any]):
    import torch

    model = opened(save_tiny_model(tmp_path, kind, **changes), batch_rows=5)
    got = answers(list(model.answer(requests(), Sampling(max_tokens=40))))
    inner, tokenizer = model._model, model._tokenizer  # pyright: ignore[reportPrivateUsage] - the peer must be the same weights
    assert kind in type(inner).__name__
    for number, text in enumerate(TEXTS):
        ids = tokenizer(text, return_tensors="pt").input_ids
        mask = torch.ones_like(ids)
        whole = inner.generate(ids, attention_mask=mask, max_new_tokens=40, do_sample=False, pad_token_id=0)
        new = [token for token in whole[0, ids.shape[1] :].tolist() if token not in END_TOKENS]
        text, count, _ = got[f"task {number}", 0]
        assert (text, count) == (tokenizer.decode(new, skip_special_tokens=True), len(new))
    assert len({text for text, _, _ in got.values()}) > 12, "the texts are all alike: they show nothing"
    assert len({count for _, count, _ in got.values()}) > 6, "all rows end together: none ever leaves the batch"


@pytest.mark.parametrize("temperature", [0.0, 0.8])
def test_order_and_batch_size_change_no_text(folder: Path, temperature: float):
    sampling = Sampling(temperature=temperature, top_p=0.95, max_tokens=30)
    api_requests = requests(samples=3)
    alone = answers(list(opened(folder, batch_rows=1).answer(api_requests, sampling)))
    together = answers(list(opened(folder, batch_rows=64).answer(api_requests, sampling)))
    backwards = answers(list(opened(folder, batch_rows=7, batch_tokens=400).answer(reversed(api_requests), sampling)))
    some = answers(list(opened(folder).answer(api_requests[10:20], sampling)))
    assert alone == together == backwards == alone | some
    assert len(alone) == len(api_requests)


def test_samples_of_one_prompt_differ_by_their_seed_alone(folder: Path):
    prompt = Prompt(text=TEXTS[3])
    api_requests = [Request("a", sample, 0, prompt, seed=sample // 2) for sample in range(8)]
    got = answers(list(opened(folder).answer(api_requests, Sampling(temperature=1.0, max_tokens=30))))
    texts = [got["a", sample] for sample in range(8)]
    assert texts[::2] == texts[1::2]
    assert len(set(texts)) == 4


def test_a_stop_string_ends_a_text_and_stays_in_it(folder: Path):
    sampling = Sampling(temperature=0.9, max_tokens=60)
    model = opened(folder)
    free = answers(list(model.answer(requests(), sampling)))
    stops = ("r", "\x05", "turn", "ss")
    stopped = answers(list(model.answer(requests(stop=stops), sampling)))
    cut = 0
    for key, (text, count, reason) in stopped.items():
        whole, whole_count, whole_reason = free[key]
        if not any(stop in whole for stop in stops):
            assert (text, count, reason) == (whole, whole_count, whole_reason)
            continue
        cut += 1
        assert whole.startswith(text)
        assert reason == "stop"
        first = min(whole.index(stop) for stop in stops if stop in whole)
        assert len(text) <= first + len("        self")  # nothing after the token in which the stop string came
    assert cut > 5


def test_limits_of_the_request_and_of_the_context(folder: Path):
    model = opened(folder)
    long, fits = Request("long", 0, 0, Prompt(text="x" * 300), 0), Request("fits", 0, 0, Prompt(text="x" * 250), 0)
    got = answers(list(model.answer([long, fits], Sampling(max_tokens=50, temperature=1.0))))
    assert got["long", 0] == ("", 0, "length")
    assert got["fits", 0][1] <= 6
    short = [it for it in model.answer(requests(), Sampling(max_tokens=3)) if it.finish_reason == "length"]
    assert short
    assert all(it.completion_tokens == 3 for it in short)


def test_a_chat_is_worded_by_the_template_and_the_prefill_follows_untrimmed(folder: Path):
    model = opened(folder)
    prompt = Prompt(
        messages=(Message("system", "Code."), Message("user", "Add.")), prefill="```python\ndef add(a):\n    "
    )
    assert model.wording(prompt) == (
        "<|im_start|>system\nCode.<|im_end|>\n<|im_start|>user\nAdd.<|im_end|>\n"
        "<|im_start|>assistant\n```python\ndef add(a):\n    "
    )
    (answer,) = model.answer([Request("a", 0, 0, prompt, 0)], Sampling(max_tokens=5))
    assert answer.prompt_tokens == len(model._tokenizer(model.wording(prompt)).input_ids)  # pyright: ignore[reportPrivateUsage]


def test_a_chat_without_a_template_is_one_sentence(tmp_path: Path):
    save_tiny_model(tmp_path)
    (tmp_path / "chat_template.jinja").unlink()
    chat = Prompt(messages=(Message("user", "hello"),))
    with pytest.raises(ModelError, match="has no chat template"):
        list(opened(tmp_path).answer([Request("a", 0, 0, chat, 0)], Sampling()))


def test_requests_are_drawn_as_they_are_needed(folder: Path):
    drawn = itertools.count()
    endless = (Request(str(number), 0, 0, Prompt(text=TEXTS[number % 20]), number) for number in drawn)
    found = list(itertools.islice(opened(folder, batch_rows=4).answer(endless, Sampling(max_tokens=5)), 200))
    assert len(found) == 200
    assert next(drawn) <= 200 + 4 * 18


def test_facts_name_the_weights_by_content(folder: Path, tmp_path: Path):
    facts = opened(folder).facts()
    assert facts["dtype"] == "float64"
    assert facts["weights"].startswith("sha256 ")
    other = opened(save_tiny_model(tmp_path, num_key_value_heads=2, initializer_range=0.2)).facts()
    assert facts["weights"] != other["weights"]


def test_what_cannot_be_loaded_is_one_sentence(tmp_path: Path):
    with pytest.raises(ModelError, match=r"no model at .*nowhere': name a directory"):
        open_model(f"hf:{tmp_path / 'nowhere'}")
    (tmp_path / "config.json").write_text('{"model_type": "unheard-of"}')
    with pytest.raises(ModelError, match="cannot load "):
        open_model(f"hf:{tmp_path}")
    with pytest.raises(ModelError, match="unknown dtype 'float12'"):
        open_model(f"hf:{tmp_path}", ModelOptions(dtype="float12"))
    save_tiny_model(tmp_path, "MambaForCausalLM")
    with pytest.raises(ModelError, match=r"no plain decoder \(linear_attention\)"):
        open_model(f"hf:{tmp_path}")
