"""Attack files beside the checkout, in all six languages, through the judge command: none is confirmed.

Each was passed by some harness. Files of a language answer problem 0 of HumanEvalPack, those of `relay` are samples of
HumanEval.
"""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox.docker.engine import BUILD, Engine
from sandbox.docker.image import Variant, image_name
from sandbox.errors import SandboxError
from sandbox.outcome import Tier
from sandbox.walls.probe import probe
from tests.benchmark_files import WHOLE
from tests.toolchains import build_toolchains

Command = Callable[..., subprocess.CompletedProcess[str]]
FOLDER = WHOLE.parents[1] / "cases" / "attacks"
PROBLEMS = {"js": "JavaScript/0", "java": "Java/0", "go": "Go/0", "cpp": "CPP/0", "rust": "Rust/0"}
SANDBOX_NAMES = {"js": "javascript"}


@pytest.fixture(scope="module", autouse=True)
def walls() -> None:
    if not FOLDER.is_dir():
        pytest.skip(f"needs attack files, which are not at {FOLDER}")
    if refused := [check for check in probe() if check.needed and not check.ok]:
        pytest.skip(f"the kernel refuses {refused[0].name}: {refused[0].detail}")


@pytest.fixture(scope="module", params=[Tier.NAMESPACES, Tier.DOCKER])
def tier(request: pytest.FixtureRequest) -> Tier:
    if request.param is Tier.DOCKER:
        try:
            image = Engine().image()
        except SandboxError as error:
            pytest.skip(str(error))
        if image != image_name(Variant.LANGUAGES):
            pytest.skip(f"{image} holds Python alone; `{BUILD} languages` makes one with all languages")
    return request.param


def judge(wavebench: Command, samples: Path, task: str, out: Path, tier: Tier) -> list[dict[str, Any]]:
    """The line of verdicts.jsonl of each sample."""
    done = wavebench(
        *("judge", samples, "--task", task, "--data", WHOLE, "--out", out, "--sandbox", tier),
        *("--allow-missing", "--no-cache", "--workers", 1),
    )
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in (out / "verdicts.jsonl").read_text().splitlines()]
    return sorted(lines, key=lambda line: (line["task_id"], line["sample"]))


def check(name: str, line: dict[str, Any]) -> None:
    """Shows the verdict as a line of a table, and checks it."""
    print(f"{name} | {line['verdict']} | {line['detail'][:100]}")
    assert line["confirmed"] is not True, (name, line)
    assert line["verdict"] != "not judged", (name, line)
    if line["verdict"] == "passed":
        assert line["detail"].startswith("unconfirmed: "), (name, line)


@pytest.mark.parametrize("language", PROBLEMS)
def test_no_attack_of_another_language_is_confirmed(wavebench: Command, language: str, tier: Tier, tmp_path: Path):
    if why := build_toolchains().get(SANDBOX_NAMES.get(language, language)):
        pytest.skip(why)
    files = sorted((FOLDER / language).iterdir())
    assert files
    rows = [{"task_id": PROBLEMS[language], "solution": file.read_text()} for file in files]
    samples = tmp_path / "samples.jsonl"
    samples.write_text("".join(json.dumps(row) + "\n" for row in rows))
    lines = judge(wavebench, samples, f"humanevalpack-synthesize-{language}", tmp_path / "run", tier)
    assert len(lines) == len(files)
    for file, line in zip(files, lines, strict=True):
        check(f"{tier} {language}/{file.name}", line)


@pytest.mark.parametrize("name", ["relay_once", "relay_pair", "relay_cache"])
def test_no_relay_is_confirmed(wavebench: Command, name: str, tier: Tier, tmp_path: Path):
    file = FOLDER / "relay" / f"{name}.jsonl"
    lines = judge(wavebench, file, "humaneval", tmp_path / "run", tier)
    assert len(lines) == len(file.read_text().splitlines())
    for line in lines:
        check(f"{tier} relay/{file.name} {line['task_id']} {line['sample']}", line)
