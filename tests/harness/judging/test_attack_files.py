"""Attack files beside the checkout, in all six languages, through the judge command: none is confirmed.

Each was passed by some harness. Files of a language answer problem 0 of HumanEvalPack, those of `relay` are samples of
HumanEval.
"""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.docker.engine import Engine
from sandbox.outcome import Tier
from tests.benchmark_files import WHOLE
from tests.docker_engine import all_languages
from tests.toolchains import build_toolchains

Command = Callable[..., subprocess.CompletedProcess[str]]
Judge = Callable[[Path, str], list[dict[str, Any]]]
FOLDER = WHOLE.parents[1] / "cases" / "attacks"
PROBLEMS = {"js": "JavaScript/0", "java": "Java/0", "go": "Go/0", "cpp": "CPP/0", "rust": "Rust/0"}
SANDBOX_NAMES = {"js": "javascript"}


@pytest.fixture(scope="module", autouse=True)
def attack_files(kernel: None) -> None:  # noqa: ARG001
    if not FOLDER.is_dir():
        pytest.skip(f"needs attack files, which are not at {FOLDER}")


@pytest.fixture(scope="module", params=[Tier.NAMESPACES, Tier.DOCKER])
def tier(request: pytest.FixtureRequest) -> Tier:
    return request.param


@pytest.fixture(scope="module")
def languages_image(engine: Engine) -> Iterator[None]:
    with all_languages(engine):
        yield


@pytest.fixture
def judge(request: pytest.FixtureRequest, wavebench: Command, tier: Tier, tmp_path: Path) -> Judge:
    """Judges a file of samples of a task; the line of verdicts.jsonl of each."""
    docker_host = {"DOCKER_HOST": request.getfixturevalue("engine").address} if tier is Tier.DOCKER else {}

    def judge_all(samples: Path, task: str) -> list[dict[str, Any]]:
        out = tmp_path / "run"
        done = wavebench(
            *("judge", samples, "--task", task, "--data", WHOLE, "--out", out, "--sandbox", tier),
            *("--allow-missing", "--no-cache", "--workers", 1),
            **docker_host,
        )
        assert done.returncode == 0, done.stderr
        lines = [json.loads(line) for line in (out / "verdicts.jsonl").read_text().splitlines()]
        return sorted(lines, key=lambda line: (line["task_id"], line["sample"]))

    return judge_all


def check(name: str, line: dict[str, Any]) -> None:
    """Shows the verdict as a line of a table, and checks it."""
    print(f"{name} | {line['verdict']} | {line['detail'][:100]}")
    assert line["confirmed"] is not True, (name, line)
    assert line["verdict"] != "not judged", (name, line)
    if line["verdict"] == "passed":
        assert line["detail"].startswith("unconfirmed: "), (name, line)


@pytest.mark.parametrize("language", PROBLEMS)
def test_no_attack_of_another_language_is_confirmed(
    request: pytest.FixtureRequest, judge: Judge, language: str, tier: Tier, tmp_path: Path
):
    if tier is Tier.DOCKER:
        request.getfixturevalue("languages_image")
    elif why := build_toolchains().get(SANDBOX_NAMES.get(language, language)):
        pytest.skip(why)
    files = sorted((FOLDER / language).iterdir())
    assert files
    rows = [{"task_id": PROBLEMS[language], "solution": file.read_text()} for file in files]
    samples = tmp_path / "samples.jsonl"
    samples.write_text("".join(json.dumps(row) + "\n" for row in rows))
    lines = judge(samples, f"humanevalpack-synthesize-{language}")
    assert len(lines) == len(files)
    for file, line in zip(files, lines, strict=True):
        check(f"{tier} {language}/{file.name}", line)


@pytest.mark.parametrize("name", ["relay_once", "relay_pair", "relay_cache"])
def test_no_relay_is_confirmed(judge: Judge, name: str, tier: Tier):
    file = FOLDER / "relay" / f"{name}.jsonl"
    lines = judge(file, "humaneval")
    assert len(lines) == len(file.read_text().splitlines())
    for line in lines:
        check(f"{tier} relay/{file.name} {line['task_id']} {line['sample']}", line)
