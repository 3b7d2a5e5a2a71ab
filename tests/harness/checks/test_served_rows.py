"""The same weights in this process and behind `transformers serve`: what the server can do, and where answers part."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from harness.checks.run_diff import Reason, compare_rows, rows_text
from harness.checks.serve_check import check_server
from harness.evaluate import evaluate
from harness.models.hf.logit_gap import open_logit_gap
from harness.runs.config import RunConfig
from harness.runs.run import reopen_run
from tasks.prompt import Prompt
from tests.harness.conftest import Command
from tests.harness.models.faulty_server import Fault, FaultyServer, always
from tests.harness.models.tiny_model import save_tiny_model

NEEDED = ("torch", "transformers", "fastapi", "uvicorn", "openai")
missing = [name for name in NEEDED if not find_spec(name)]
needs_server = pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}")


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    changes: dict[str, Any] = {"num_key_value_heads": 2, "max_position_embeddings": 2048}
    folder = save_tiny_model(tmp_path_factory.mktemp("weights"), **changes)
    settings = json.loads((folder / "generation_config.json").read_text())
    settings["eos_token_id"] = 1  # alone: other end tokens are text, which the server keeps
    (folder / "generation_config.json").write_text(json.dumps(settings))
    return folder


@pytest.fixture(scope="module")
def served(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address, once it answers."""
    port = free_port()
    command = [Path(sys.executable).with_name("transformers"), "serve", weights, "--host", "127.0.0.1"]
    log = tmp_path_factory.mktemp("serve") / "log"
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}
    with log.open("w") as stream:
        words = [*map(str, command), "--port", str(port), "--device", "cpu", "--dtype", "float64"]
        server = subprocess.Popen(words, stdout=stream, stderr=stream, env=environment)
        try:
            for _ in range(1200):
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


@needs_server
def test_served_weights_answer_like_loaded_ones(tmp_path: Path, weights: Path, served: str, data: Path):
    asked: dict[str, Any] = {"task": "humaneval", "style": "chat", "max_tokens": 60}
    asked |= {"data": str(data / "problems.jsonl"), "dtype": "float64", "cache": False}
    evaluate(RunConfig(model=f"hf:{weights}", **asked), tmp_path / "loaded")
    evaluate(RunConfig(model=f"api:{weights}", base_url=served, **asked), tmp_path / "served")
    with reopen_run(tmp_path / "loaded") as one, reopen_run(tmp_path / "served") as other:
        rows = list(compare_rows(one, other))
        text = rows_text(rows, one, other)
        assert [row.reason for row in rows] == [Reason.SAME] * 4, text
        assert text == "4 rows: 4 same text.\nPassed: 0 of 4 | 0 of 4; 0 verdicts differ."
        assert all(
            turn.completion_tokens == 60 for log in (one, other) for turn in log.folder.completions.turns(("own/0", 0))
        )


@needs_server
def test_the_weights_tell_a_tie_from_a_real_difference(weights: Path):
    margin = open_logit_gap(str(weights))
    prompt = Prompt(text="def add(a, b):\n")
    assert margin(prompt, "    return a", "    return a") == 0
    assert margin(prompt, "    return a + b", "    return b") > 0.01


@needs_server
def test_serve_check_tells_what_a_real_server_can_do(served: str, weights: Path, wavebench: Command):
    done = wavebench("serve-check", served, "--model", weights)
    assert done.returncode == 0, done.stdout + done.stderr
    marks = {line[6:].partition(":")[0]: line[:4].strip() for line in done.stdout.splitlines() if line[:1] != " "}
    works = (
        "server",
        "model",
        "chat prompts",
        "text prompts",
        "chat template",
        "token limit and count",
        "temperature 0",
    )
    assert {name: marks.get(name) for name in works} == dict.fromkeys(works, "ok"), done.stdout
    refused = [name for name, mark in marks.items() if mark == "--"]
    assert "prefill" in refused, "transformers serve knows no prefill"
    assert done.stdout.count("remedy:") >= len(refused) - 1


def test_serve_check_ends_early_where_nothing_answers(wavebench: Command):
    done = wavebench("serve-check", "http://127.0.0.1:1/v1")
    assert done.returncode == 1
    assert done.stdout.startswith("FAIL  server: http://127.0.0.1:1/v1: ")
    assert "remedy: start it" in done.stdout


def test_serve_check_sees_what_a_poor_server_cannot():
    """It answers every question alike, whatever else is asked of it."""
    with FaultyServer() as server:
        findings = list(check_server(server.url, "tiny"))
    poor = {
        "long prompts",
        "chat template",
        "token limit and count",
        "seed",
        "stop strings",
        "prefill",
        "several choices",
        "logprobs",
    }
    assert {finding.name for finding in findings if not finding.ok} == poor | {"model list"}
    assert not any(finding.needed and not finding.ok for finding in findings)


@pytest.mark.parametrize(
    ("fault", "name", "said"),
    [
        (Fault.OWN_SETTINGS, "own decoding", "start vLLM with --generation-config vllm"),
        (Fault.THINKS_BY_OWN_SETTINGS, "own decoding", "start vLLM with --generation-config vllm"),
        (Fault.NO_EXTRAS, "own decoding", "it refuses top_k, min_p, repetition_penalty"),
        (Fault.THINKING_ONLY, "text of answers", "it has only thought"),
        (Fault.EMPTY, "text of answers", "the answer is empty"),
        (Fault.CUTS_PROMPTS, "long prompts", "3,000 words are counted as 50 tokens"),
        (Fault.BEYOND_CONTEXT, "text prompts", "maximum context length is 64 tokens"),
        (Fault.OTHER_MODEL, "served model", "'someone/other-7b' is not 'tiny'"),
    ],
    ids=lambda value: value.name if isinstance(value, Fault) else "",
)
def test_serve_check_catches_what_would_be_wrong_in_silence(fault: Fault, name: str, said: str):
    with FaultyServer(always(fault)) as server:
        found = {finding.name: finding for finding in check_server(server.url, "tiny")}
    assert not found[name].ok
    assert said in str(found[name])


def test_serve_check_is_content_with_a_server_that_reads_whole_prompts():
    with FaultyServer(always(Fault.COUNTS)) as server:
        found = {finding.name: finding for finding in check_server(server.url, "tiny")}
    assert [found[name].ok for name in ("long prompts", "own decoding", "text of answers", "served model")] == [
        True
    ] * 4


def test_serve_check_names_a_wrong_key_and_model_and_shows_no_key(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-0123456789")
    for fault, said in ((Fault.REFUSES_KEY, "401"), (Fault.UNKNOWN_MODEL, "404 - no such model")):
        with FaultyServer(always(fault)) as server:
            told = "\n".join(map(str, check_server(server.url, "tiny")))
        assert f"FAIL  text prompts: Error code: {said}" in told
        assert "sk-secret" not in told


def test_rows_names_every_reason(tmp_path: Path, undisturbed: Path, wavebench: Command):
    """Answers changed by hand, one in each way."""
    changed = tmp_path / "changed"
    shutil.copytree(undisturbed, changed)
    lines = (changed / "completions.jsonl").read_text().splitlines()
    edits = [('"completion":"', '"completion":"Z'), ('"prompt_sha256":"', '"prompt_sha256":"0')]
    lines[0] = lines[0].replace(*edits[0])
    lines[1] = lines[1].replace(*edits[1])
    (changed / "completions.jsonl").write_text("\n".join(lines[:-1]) + "\n")
    with reopen_run(undisturbed) as one, reopen_run(changed) as other:
        reasons = [row.reason for row in compare_rows(one, other)]
    assert reasons[:2] == [Reason.TOKEN, Reason.PROMPT]
    assert reasons[-1] == Reason.MISSING
    assert set(reasons[2:-1]) == {Reason.SAME}
    done = wavebench("rows", undisturbed, changed)
    assert done.returncode == 0
    assert "1 another prompt" in done.stdout
