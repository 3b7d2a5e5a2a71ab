"""Every back end gives the same model's own answers: one checkpoint, one set of settings, the same texts and records.

Run with vLLM in an environment of its own (docs/models.md); where a server is not installed, its tests say so.
"""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from harness.completion import Completion, Loss
from harness.model import Model, Request, Sampling
from harness.models.options import ModelOptions
from harness.models.registry import open_model
from harness.models.scripted import ScriptedModel
from tasks.prompt import Message, Prompt
from tests.harness.models.faulty_server import Fault, FaultyServer, always
from tests.harness.models.tiny_model import save_tiny_model

BACK_ENDS = {
    "hf": ("torch", "transformers"),
    "transformers serve": ("torch", "transformers", "fastapi", "uvicorn", "openai"),
    "vllm": ("vllm",),
    "vllm serve": ("vllm", "openai"),
}
QUESTIONS = [f"Write a function that adds {n} to its argument{' and its square' * (n % 3)}." for n in range(6)]


def missing(kind: str) -> str:
    return ", ".join(name for name in BACK_ENDS[kind] if not find_spec(name))


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if absent := missing("hf"):
        pytest.skip(f"not installed: {absent}")
    changes: dict[str, Any] = {"num_key_value_heads": 2, "hidden_size": 128, "max_position_embeddings": 512}
    folder = save_tiny_model(tmp_path_factory.mktemp("checkpoint"), **changes)
    settings = json.loads((folder / "generation_config.json").read_text())
    # What a checkpoint may ship, and no back end may apply; with other end tokens servers would keep their text.
    settings |= {"eos_token_id": 1, "repetition_penalty": 1.3}
    (folder / "generation_config.json").write_text(json.dumps(settings))
    return folder


@contextmanager
def serving(words: list[str], port: int, log: Path) -> Iterator[str]:
    """The address of a server, once it answers."""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}
    with log.open("w") as stream:
        server = subprocess.Popen(words, stdout=stream, stderr=stream, env=environment)
        try:
            for _ in range(2400):
                assert server.poll() is None, log.read_text()
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            server.kill()
            server.wait()


@pytest.fixture(scope="module", params=BACK_ENDS)
def model(
    request: pytest.FixtureRequest, checkpoint: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Model]:
    kind = str(request.param)
    if absent := missing(kind):
        pytest.skip(f"{kind} is not installed in this environment ({absent})")
    if kind in ("hf", "vllm"):
        dtype = "float64" if kind == "hf" else "float32"
        yield open_model(f"{kind}:{checkpoint}", ModelOptions(dtype=dtype, batch_rows=8))
        return
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    where = ["--host", "127.0.0.1", "--port", str(port)]
    if kind == "transformers serve":
        program = str(Path(sys.executable).with_name("transformers"))
        words = [program, "serve", str(checkpoint), *where, "--device", "cpu", "--dtype", "float64"]
    else:
        program = [sys.executable, "-m", "vllm.entrypoints.openai.api_server", "--model", str(checkpoint)]
        words = [*program, *where, "--served-model-name", str(checkpoint), "--dtype", "float32"]
    with serving(words, port, tmp_path_factory.mktemp("server") / "log") as url:
        yield open_model(f"api:{checkpoint}", ModelOptions(base_url=url))


def chats(samples: int = 1) -> list[Request]:
    return [
        Request(f"task {n}", sample, 0, Prompt(messages=(Message("user", text),)), seed=100 * n + sample)
        for n, text in enumerate(QUESTIONS)
        for sample in range(samples)
    ]


def asked(model: Model, requests: list[Request], **sampling: Any) -> dict[tuple[str, int], Completion]:
    answers = list(model.answer(requests, Sampling(**sampling)))
    assert Counter((it.task_id, it.sample) for it in answers) == Counter((it.task_id, it.sample) for it in requests)
    return {(it.task_id, it.sample): it for it in answers}


@pytest.fixture(scope="module")
def expected(checkpoint: Path) -> dict[tuple[str, int], Completion]:
    """Of the weights in this process, in float64."""
    return asked(open_model(f"hf:{checkpoint}", ModelOptions(dtype="float64")), chats(), max_tokens=24)


def test_greedy_texts_ends_and_counts_are_those_of_the_weights(
    model: Model, expected: dict[tuple[str, int], Completion]
):
    """Also though the checkpoint ships a repetition penalty, which servers apply where a request leaves it out."""
    found = asked(model, chats(), max_tokens=24)
    assert len({it.completion for it in expected.values()}) >= 4, "the texts are all alike: they show nothing"
    for key, want in expected.items():
        got = found[key]
        assert (got.completion, got.finish_reason) == (want.completion, want.finish_reason)
        assert (got.prompt_tokens, got.completion_tokens) == (want.prompt_tokens, want.completion_tokens)
        assert got.prompt_sha256 == want.prompt_sha256


def test_the_limit_of_new_tokens_is_kept_and_told(model: Model):
    (answer,) = asked(model, chats()[:1], max_tokens=3).values()
    assert (answer.completion_tokens, answer.finish_reason, answer.loss) == (3, "length", Loss.CUT)


def test_first_tokens_are_drawn_from_the_models_own_distribution(model: Model, checkpoint: Path):
    """Chi-square over the first tokens, against the softmax of the weights."""
    if model.facts()["kind"] == "api" and "vllm" not in str(model.facts()):
        pytest.skip("transformers serve draws one text for all seeds")
    scipy = pytest.importorskip("scipy.stats")
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer: Any = AutoTokenizer.from_pretrained(checkpoint)
    weights: Any = AutoModelForCausalLM.from_pretrained(checkpoint, dtype=torch.float64)
    text = "def add(a, b):\n"
    with torch.inference_mode():
        shares = torch.softmax(weights(tokenizer(text, return_tensors="pt").input_ids).logits[0, -1], dim=-1)
    draws = 600
    requests = [Request("a", n, 0, Prompt(text=text), seed=n * 7919) for n in range(draws)]
    found = Counter(it.completion for it in asked(model, requests, temperature=1.0, max_tokens=1).values())
    # Several tokens may be shown as one text, such as halves of a character.
    of_text: Counter[str] = Counter()
    for token, share in enumerate(shares.tolist()):
        of_text[tokenizer.decode([token], skip_special_tokens=True)] += share  # pyright: ignore[reportArgumentType] - shares
    names = [name for name, _ in of_text.most_common(6)]
    wanted = [draws * of_text[name] for name in names]
    counts = [found[name] for name in names]
    result: Any = scipy.chisquare([*counts, draws - sum(counts)], [*wanted, draws - sum(wanted)])
    assert float(result.pvalue) > 1e-4, (names, counts, wanted)


@pytest.mark.parametrize("kind", ["hf", "served"])
def test_a_prompt_beyond_the_context_leaves_the_same_record(kind: str, checkpoint: Path):
    long = Request("long", 0, 0, Prompt(messages=(Message("user", "x y " * 600),)), seed=0)
    if kind == "hf":
        (answer,) = open_model(f"hf:{checkpoint}").answer([long], Sampling(max_tokens=5))
    else:
        with FaultyServer(always(Fault.BEYOND_CONTEXT)) as server:
            (answer,) = open_model("api:x", ModelOptions(base_url=server.url)).answer([long], Sampling(max_tokens=5))
    assert (answer.completion, answer.finish_reason, answer.completion_tokens) == ("", "length", 0)
    assert answer.loss is Loss.BEYOND_CONTEXT


def test_a_script_and_a_server_answer_each_request_once_in_any_order():
    script = {f"task {n}": [f"text {n}", f"other {n}"] for n in range(len(QUESTIONS))}
    requests = chats(samples=2)
    found = asked(ScriptedModel(script), requests[::-1])
    assert {it.completion for it in found.values()} == {text for texts in script.values() for text in texts}
    with FaultyServer() as server:
        found = asked(open_model("api:x", ModelOptions(base_url=server.url)), requests[::-1])
    assert {it.completion for it in found.values()} == {f"answer to {text}" for text in QUESTIONS}
