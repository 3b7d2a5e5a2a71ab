"""Every back end gives the model's own answers: one checkpoint, one set of settings, the same texts, ends and verdicts.

What needs vLLM runs in its own environment (`make vllm`). Where that is missing, or a server, the tests say so.
"""

import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from harness.completion import Completion, Loss
from harness.evaluate import evaluate
from harness.judging.explanation import explain
from harness.model import Model, ModelError, Request, Sampling
from harness.models.options import ModelOptions
from harness.models.registry import open_model
from harness.models.scripted import ScriptedModel
from harness.runs.config import RunConfig
from harness.runs.run import reopen_run
from tasks.prompt import Message, Prompt
from tasks.registry import load
from tasks.verdict import Verdict
from tests.harness.models.ask_elsewhere import ModelElsewhere, environment_elsewhere, vllm_python
from tests.harness.models.faulty_server import Fault, FaultyServer
from tests.harness.models.taught_model import save_taught_model
from tests.harness.models.tiny_model import CONTEXT_TOKENS

pytestmark = pytest.mark.timeout(900)  # vLLM takes a minute to start, and longer on a busy machine

PROBLEMS = Path(__file__).parents[2] / "data" / "problems.jsonl"
NEEDED = {
    "hf": ("torch", "transformers"),
    "transformers serve": ("torch", "transformers", "fastapi", "uvicorn", "openai"),
    "vllm": ("torch", "transformers"),
    "vllm serve": ("torch", "transformers", "openai"),
    "faulty server": ("torch", "transformers", "openai"),
    "scripted": ("torch", "transformers"),
}
BY_HEART = (
    "<think>\nSubtract?\n```python\ndef add(a, b):\n    return a - b\n```\nNo.\n</think>\n\n"
    "```python\ndef add(a, b):\n    return a + b\n```",
    "<think>\n```python\ndef double(x):\n    return 2 * x\n```\nOr rather:\n</think>\n"
    "```python\ndef double(x):\n    return x + x + 1\n```",
    "<think>\nPerhaps ```python\ndef last(items): return items[0]\n```\n</think>\nSo:\n\n```python\n"
    "def helper(n):\n    return n - 1\n```\n\n```python\ndef last(items):\n    return items[helper(len(items))]\n```\n",
    "```python\ndef is_even(n):\n    return n % 2 == 0\n```\n\nFor example:\n```\nis_even(2)\n```",
)
"""To the four problems: drafts, helpers and examples in fences of their own."""
PASSED = (True, False, True, True)
SILENCE = "Say nothing."
LETTERS = "Pick a letter: "
STARTS = {LETTERS: "AAABBCD"}
PASSING = [Fault.RATE_LIMITED, Fault.DROPPED, Fault.OVERLOADED, Fault.TRUNCATED, Fault.NO_EXTRAS, Fault.ERROR_IN_200]
"""One befalls every second request to the server that fails."""


@cache
def asked_prompts() -> tuple[Prompt, ...]:
    task = load("humaneval", "chat", data_file=PROBLEMS)
    prompts = (task.prompt(problem, ()) for problem in task.problems)
    return (*filter(None, prompts), Prompt(messages=(Message("user", SILENCE),)))


def chats(**changes: Any) -> list[Request]:
    prompts = (replace(prompt, **changes) for prompt in asked_prompts())
    return [Request(f"own/{n}", 0, 0, prompt, seed=n) for n, prompt in enumerate(prompts)]


ANSWERS = (*BY_HEART, "")


@dataclass(frozen=True, slots=True)
class BackEnd:
    kind: str
    model: Model
    url: str = ""

    @property
    def has_weights(self) -> bool:
        return self.kind not in ("scripted", "faulty server")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if absent := missing("hf"):
        pytest.skip(absent)
    questions = (prompt.messages[-1].content for prompt in asked_prompts())
    return save_taught_model(tmp_path_factory.mktemp("checkpoint"), dict(zip(questions, ANSWERS, strict=True)), STARTS)


@pytest.fixture(scope="module", params=NEEDED)
def back_end(
    request: pytest.FixtureRequest, checkpoint: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BackEnd]:
    kind = str(request.param)
    if absent := missing(kind):
        pytest.skip(absent)
    log = tmp_path_factory.mktemp("log") / "log"
    with ExitStack() as stack:
        url = ""
        model: Model | None = None
        match kind:
            case "scripted":
                model = ScriptedModel({f"own/{n}": [answer] for n, answer in enumerate(ANSWERS)})
            case "hf":
                model = open_model(f"hf:{checkpoint}")
            case "vllm":
                elsewhere = stack.enter_context(ModelElsewhere(vllm_python() or Path(), log))
                model = elsewhere.open(f"vllm:{checkpoint}", eager=True, memory_share=0.1, batch_rows=8)
            case "faulty server":
                url = stack.enter_context(served_by_heart())
            case _:
                url = stack.enter_context(serving(kind, checkpoint, log))
        api = ModelOptions(base_url=url, backoff_seconds=0.01)
        yield BackEnd(kind, model or open_model(f"api:{checkpoint}", api), url)


def missing(kind: str) -> str:
    """Why a back end cannot be tried here; empty where it can."""
    if absent := [name for name in NEEDED[kind] if not find_spec(name)]:
        return f"{kind} is not installed in this environment ({', '.join(absent)})"
    is_without = kind.startswith("vllm") and not vllm_python()
    return "vLLM is not installed here nor in an environment of its own: make vllm" if is_without else ""


@contextmanager
def serving(kind: str, checkpoint: Path, log: Path) -> Iterator[str]:
    """The address of a real server of the checkpoint, once it answers."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    where = ["--host", "127.0.0.1", "--port", str(port)]
    if kind == "transformers serve":
        program = [str(Path(sys.executable).with_name("transformers")), "serve", str(checkpoint)]
        words = [*program, *where, "--device", "cpu", "--dtype", "float32"]
    else:
        program = [str(vllm_python()), "-m", "vllm.entrypoints.openai.api_server", "--model", str(checkpoint)]
        words = [*program, *where, "--served-model-name", str(checkpoint), "--dtype", "float32", "--enforce-eager"]
    with log.open("w") as stream:
        server = subprocess.Popen(words, stdout=stream, stderr=stream, env=environment_elsewhere())
        try:
            for _ in range(8000):
                assert server.poll() is None, log.read_text()[-5000:]
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            server.terminate()  # vLLM ends its engine, a process of its own
            try:
                server.wait(60)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


@contextmanager
def served_by_heart() -> Iterator[str]:
    """The address of a server that knows the answers, and fails every second time in another way that passes."""

    def plan(number: int, _body: dict[str, Any]) -> Fault:
        return Fault.NONE if number % 2 else PASSING[number // 2 % len(PASSING)]

    prompts = (prompt.messages[-1].content for prompt in asked_prompts())
    with FaultyServer(plan, by_heart=dict(zip(prompts, ANSWERS, strict=True))) as server:
        yield server.url


def asked(model: Model, requests: list[Request], **sampling: Any) -> dict[tuple[str, int], Completion]:
    answers = list(model.answer(requests, Sampling(**sampling)))
    assert Counter((it.task_id, it.sample) for it in answers) == Counter((it.task_id, it.sample) for it in requests)
    return {(it.task_id, it.sample): it for it in answers}


def test_greedy_texts_ends_and_counts_are_those_of_the_weights(back_end: BackEnd, checkpoint: Path):
    """Also though the checkpoint ships a repetition penalty and more, which servers apply to what is left out."""
    expected = asked(open_model(f"hf:{checkpoint}"), chats())
    assert tuple(it.completion for _, it in sorted(expected.items())) == ANSWERS
    assert [it.finish_reason for _, it in sorted(expected.items())] == ["stop"] * len(BY_HEART) + ["empty"]
    found = asked(back_end.model, chats()[::-1])
    for key, want in expected.items():
        got = found[key]
        assert (got.completion, got.finish_reason, got.loss) == (want.completion, want.finish_reason, want.loss)
        assert got.prompt_sha256 == want.prompt_sha256
        if back_end.has_weights:
            assert got.prompt_tokens == want.prompt_tokens
            # Some servers count the end token, which no text shows.
            assert got.completion_tokens - want.completion_tokens in (0, 1)


def test_the_limit_of_new_tokens_is_kept_and_told(back_end: BackEnd):
    if not back_end.has_weights:
        pytest.skip("it has no tokens to count")
    (answer,) = asked(back_end.model, chats()[:1], max_tokens=3).values()
    assert (answer.completion_tokens, answer.finish_reason, answer.loss) == (3, "length", Loss.CUT)
    assert BY_HEART[0].startswith(answer.completion)


def test_a_stop_string_ends_an_answer_at_the_same_place(back_end: BackEnd):
    if not back_end.has_weights:
        pytest.skip("it draws no tokens")
    found = asked(back_end.model, chats(stop=("return", "\n```\n"))[:4])
    for n, text in enumerate(BY_HEART):
        answer = found[f"own/{n}", 0]
        # In this process the string is kept; servers cut it off.
        assert answer.completion.partition("return")[0] == text.partition("return")[0]
        assert len(answer.completion) < len(text)
        assert (answer.finish_reason, answer.loss) == ("stop", None)


def test_an_answer_goes_on_with_what_is_put_into_its_mouth(back_end: BackEnd):
    if not back_end.has_weights or back_end.kind == "transformers serve":
        pytest.skip("it knows no prefill")
    begin = "<think>\nSubtract?\n```python\n"
    (answer,) = asked(back_end.model, chats(prefill=begin)[:1]).values()
    # This template trims its messages; in this process the prefill stands behind what the template made.
    assert BY_HEART[0] in (begin + answer.completion, begin.rstrip() + answer.completion)


@pytest.mark.parametrize("room", [-40, 0, 5])
def test_the_end_of_the_context_leaves_the_same_record(back_end: BackEnd, checkpoint: Path, room: int):
    if not back_end.has_weights or back_end.kind == "transformers serve":
        pytest.skip("it knows no end of the context")
    from transformers import AutoTokenizer

    tokenizer: Any = AutoTokenizer.from_pretrained(checkpoint)
    ids: list[int] = tokenizer(BY_HEART[0] * 40).input_ids[: CONTEXT_TOKENS - room]
    text: str = tokenizer.decode(ids)  # pyright: ignore[reportAssignmentType] - of one sequence
    assert len(tokenizer(text).input_ids) == CONTEXT_TOKENS - room
    (answer,) = asked(back_end.model, [Request("long", 0, 0, Prompt(text=text), seed=0)], max_tokens=24).values()
    assert (answer.finish_reason, answer.completion_tokens) == ("length", max(room, 0))
    assert answer.loss is (Loss.CUT if room > 0 else Loss.BEYOND_CONTEXT)


def test_first_tokens_are_drawn_from_the_models_own_distribution(back_end: BackEnd, checkpoint: Path):
    """Chi-square over the first tokens, against the softmax of the weights; and a seed is a seed in any order."""
    if not back_end.has_weights or back_end.kind == "transformers serve":
        pytest.skip("transformers serve draws one text for all seeds; the others draw nothing")
    scipy = pytest.importorskip("scipy.stats")
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer: Any = AutoTokenizer.from_pretrained(checkpoint)
    weights: Any = AutoModelForCausalLM.from_pretrained(checkpoint, dtype=torch.float64)
    with torch.inference_mode():
        shares = torch.softmax(weights(tokenizer(LETTERS, return_tensors="pt").input_ids).logits[0, -1], dim=-1)
    draws = 500
    requests = [Request("a", n, 0, Prompt(text=LETTERS), seed=n * 7919) for n in range(draws)]
    found = asked(back_end.model, requests, temperature=1.0, max_tokens=1)
    counted = Counter(it.completion for it in found.values())
    wanted = {tokenizer.decode([token]): draws * float(share) for token, share in enumerate(shares) if share > 0.02}
    assert len(wanted) >= 4, "the distribution is too sharp to show anything"
    counts = [counted[name] for name in wanted]
    rest = draws - sum(wanted.values())
    result: Any = scipy.chisquare([*counts, draws - sum(counts)], [*wanted.values(), rest])
    assert rest > 0.5 * draws * 0.02 or draws - sum(counts) < 10
    assert float(result.pvalue) > 1e-4, (wanted, counts)
    again = asked(back_end.model, requests[:40][::-1], temperature=1.0, max_tokens=1)
    assert all(again[key].completion == found[key].completion for key in again)


def test_answers_that_think_in_fences_score_alike(back_end: BackEnd, checkpoint: Path, tmp_path: Path):
    """The same code is found in the same text, wherever it comes from."""
    config = RunConfig(
        model=f"api:{checkpoint}" if back_end.url else "scripted:by-heart",
        base_url=back_end.url,
        task="humaneval",
        style="chat",
        data=str(PROBLEMS),
    )
    score = evaluate(config, tmp_path / "run", model=back_end.model)
    assert (score.n_samples, score.pass_rates[1].value) == (4, 0.75)
    with reopen_run(tmp_path / "run", {"data": str(PROBLEMS)}) as run:
        found = [explain(run, f"own/{n}") for n in range(4)]
    assert [it.verdict is Verdict.PASSED for it in found] == list(PASSED)
    assert [it.answers for it in found] == [[text] for text in BY_HEART]
    assert found[0].code.strip().endswith("return a + b")
    assert "helper" in found[2].code
    assert "helper(len" in found[2].code


@pytest.mark.skipif(bool(missing("vllm")), reason=missing("vllm") or "-")
def test_the_command_in_vllms_environment_prints_a_table_and_no_log(checkpoint: Path, tmp_path: Path):
    named = ["--model", f"vllm:{checkpoint}", "--task", "humaneval", "--style", "chat", "--data", str(PROBLEMS)]
    settings = ["--set", "eager=true", "--set", "memory_share=0.1", "--set", "context_tokens=700"]
    words = [str(vllm_python()), "-m", "harness", "eval", *named, *settings, "--out", str(tmp_path / "run")]
    environment = environment_elsewhere()
    environment.pop("VLLM_LOGGING_LEVEL", None)
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=environment, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "75.0" in done.stdout
    assert len((done.stdout + done.stderr).splitlines()) < 25, done.stderr
    assert "INFO" not in done.stderr


def test_a_missing_vllm_is_one_sentence_with_its_remedies():
    if find_spec("vllm"):
        pytest.skip("vLLM is installed")
    with pytest.raises(ModelError, match=r"needs vLLM, .*make vllm.*\[vllm\].*--base-url"):
        open_model("vllm:/no/model")
