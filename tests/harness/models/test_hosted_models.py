"""`wavebench` against a real server that fails in every way: whole runs, killed runs, and no key in any file."""

import json
import random
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.harness.models.batch_server import BatchServer
from tests.harness.models.faulty_server import Fault, FaultyServer

KEY = "sk-secret-0123456789"
FAULTS = [Fault.RATE_LIMITED, Fault.BROKEN, Fault.TRUNCATED, Fault.CUT_OFF, Fault.DROPPED, Fault.SLOW, Fault.HTML]
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def home(tmp_path: Path, environment: dict[str, str]) -> dict[str, str]:
    """An environment with a key and a cache of its own."""
    (tmp_path / "prices.toml").write_text('[[price]]\nmodel = "tiny"\nprompt = 1e6\ncompletion = 2e6\n')
    (tmp_path / "cache").mkdir()
    toolchains = Path(environment["WAVEBENCH_CACHE"]) / "toolchains"
    (tmp_path / "cache" / "toolchains").symlink_to(toolchains.resolve())
    return {**environment, "WAVEBENCH_CACHE": str(tmp_path / "cache"), "OPENAI_API_KEY": KEY}


@pytest.fixture
def start(tmp_path: Path, home: dict[str, str], command: list[str], data: Path) -> Start:
    def begin(
        verb: str, server: FaultyServer, *words: str, out: str = "run", samples: int = 10
    ) -> "subprocess.Popen[str]":
        line = [*command, verb, "--model", "api:tiny", "--base-url", server.url, "--task", "humaneval"]
        line += ["--style", "complete", "--data", str(data / "problems.jsonl"), "--samples", str(samples)]
        line += ["--temperature", "0.5", "--out", str(tmp_path / out), "--set", f"prices={tmp_path / 'prices.toml'}"]
        pipe = subprocess.PIPE
        return subprocess.Popen([*line, *words], env=home, stdout=pipe, stderr=pipe, text=True)

    return begin


def ended(process: "subprocess.Popen[str]", code: int = 0) -> str:
    """All it said."""
    out, err = process.communicate(timeout=120)
    assert process.returncode == code, err
    return out + err


def rows(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "completions.jsonl").read_bytes().splitlines()]


def keys(folder: Path) -> list[tuple[str, int]]:
    return sorted((row["task_id"], row["sample"]) for row in rows(folder))


def refuse_key(*folders: Path) -> None:
    """In any file, also a binary one."""
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file() and not file.is_symlink()]
    assert len(files) > 3
    assert not [file for file in files if KEY.encode() in file.read_bytes()]


def test_a_whole_run_in_a_storm_of_faults_loses_nothing_and_shows_no_key(tmp_path: Path, start: Start):
    uniforms = random.Random(5)
    storm = lambda number, _: uniforms.choice(FAULTS) if number < 60 or number % 3 == 0 else Fault.NONE  # noqa: E731
    with FaultyServer(storm) as server:
        words = ["--set", "answer_cache=on", "--set", "backoff_seconds=0.02"]
        said = ended(start("eval", server, *words))
        assert len(keys(tmp_path / "run")) == len(set(keys(tmp_path / "run"))) == 40
        asked = len(server.bodies)
        assert asked > 80, "there was no storm"
        again = ended(start("eval", server, *words, out="again"))
        assert len(server.bodies) == asked, "a repeated run asked again"
    refuse_key(tmp_path / "run", tmp_path / "again", tmp_path / "cache")
    assert KEY not in said + again
    spent = json.loads((tmp_path / "run" / "manifest.json").read_text())["spending"]
    assert spent["answers"] == 40
    assert spent["cost"] == spent["prompt_tokens"] + 2 * spent["completion_tokens"] > 0
    assert "0.0000 US dollars" in again


def test_a_wrong_key_ends_a_run_without_being_shown(tmp_path: Path, start: Start):
    with FaultyServer(lambda _number, _body: Fault.REFUSES_KEY) as server:
        said = ended(start("generate", server), code=1)
    assert "put a valid one into OPENAI_API_KEY" in said
    assert KEY not in said
    assert KEY.encode() not in b"".join(file.read_bytes() for file in (tmp_path / "run").iterdir())


@pytest.mark.parametrize("forgets_to_reply", [False, True])
def test_a_batch_is_found_again_after_a_kill(tmp_path: Path, start: Start, forgets_to_reply: bool):
    words = ["--set", "provider_batch=true", "--set", "poll_seconds=0.1"]
    with BatchServer() as server:
        server.ends_as, server.forgets_to_reply = "in_progress", forgets_to_reply
        process = start("generate", server, *words)
        while not server.batches and process.poll() is None:
            time.sleep(0.02)
        time.sleep(0.3)  # until it has written down what it was told, if anything
        process.kill()
        process.communicate()
        server.ends_as, server.forgets_to_reply = "completed", False
        ended(start("generate", server, *words))
        assert len(server.batches) == 1, "the same requests were handed in twice"
    assert len(keys(tmp_path / "run")) == len(set(keys(tmp_path / "run"))) == 40
    refuse_key(tmp_path / "run", tmp_path / "cache")
