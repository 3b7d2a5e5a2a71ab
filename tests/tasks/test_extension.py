"""The example of an outside package: it installs without a network, and each thing it adds works and stays small."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.sandbox import Sandbox
from sandbox.toolchains.installed import cache_folder

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "extension"
PACKAGE = "wavebench_toy"

TOUCHED = {
    "task": ["pyproject.toml", f"{PACKAGE}/task.py"],
    "language": [
        "pyproject.toml",
        f"{PACKAGE}/shell/languages.toml",
        f"{PACKAGE}/shell/sources/sh/build.sh",
        f"{PACKAGE}/shell/sources/sh/launcher.sh",
    ],
    "back end": ["pyproject.toml", f"{PACKAGE}/model.py"],
    "style": [f"{PACKAGE}/styles/humaneval.toml"],
}
"""What each addition touches; the folder of styles is named in pyproject.toml once, whatever it holds."""
MOST = {"task": 2, "language": 4, "back end": 3, "style": 1}


class Installed:
    """The commands of wavebench where the example is installed beside it."""

    def __init__(self, site: Path, cache: Path) -> None:
        self.environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(site), str(ROOT)]),
            "WAVEBENCH_CACHE": str(cache),
        }

    def run(self, *words: object) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "harness", *map(str, words)]
        return subprocess.run(line, capture_output=True, text=True, env=self.environment, timeout=120)

    def wavebench(self, *words: object) -> str:
        done = self.run(*words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    folder = tmp_path_factory.mktemp("extension")
    source = shutil.copytree(EXAMPLE, folder / "source")  # pip builds inside it
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--no-index", "--no-deps"]
    subprocess.run([*pip, "--no-build-isolation", "--target", folder / "site", source], check=True, timeout=120)
    cache_folder().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache_folder(), prefix="extension-") as cache:  # programs cannot see /tmp
        yield Installed(folder / "site", Path(cache))


def test_each_addition_touches_few_files():
    files = {path.relative_to(EXAMPLE).as_posix() for path in EXAMPLE.rglob("*") if path.is_file()}
    files = {name for name in files if not name.startswith(("build/", f"{PACKAGE}.egg-info/")) and ".pyc" not in name}
    assert files - {f"{PACKAGE}/__init__.py"} == {name for names in TOUCHED.values() for name in names}
    assert {what: len(names) for what, names in TOUCHED.items() if len(names) > MOST[what]} == {}


def test_its_task_model_and_language_give_the_expected_score(installed: Installed, sandbox: Sandbox, tmp_path: Path):  # noqa: ARG001
    assert "built sh" in installed.wavebench("toolchains", "install", "sh")
    installed.wavebench("eval", "--model", "toy:2", "--task", "toy", "--out", tmp_path / "run")
    score = json.loads((tmp_path / "run" / "score.json").read_text())
    assert score["pass@1"]["value"] == pytest.approx(2 / 3)
    lines = [json.loads(line) for line in (tmp_path / "run" / "verdicts.jsonl").read_text().splitlines()]
    assert {line["task_id"]: line["verdict"] for line in lines} == {
        "toy/0": "passed",
        "toy/1": "passed",
        "toy/2": "no code",
    }


def test_a_program_that_leaves_early_in_its_language_does_not_pass(
    installed: Installed,
    sandbox: Sandbox,  # noqa: ARG001
    tmp_path: Path,
):
    installed.wavebench("toolchains", "install", "sh")
    samples = tmp_path / "samples.jsonl"
    samples.write_text(json.dumps({"task_id": "toy/0", "solution": "exit 0"}) + "\n")
    installed.wavebench("judge", samples, "--task", "toy", "--limit", 1, "--out", tmp_path / "run")
    [line] = (tmp_path / "run" / "verdicts.jsonl").read_text().splitlines()
    assert json.loads(line)["verdict"] == "wrong"


def test_its_prompt_style_stands_behind_the_benchmarks_own(installed: Installed):
    code = (
        "from tasks.styles.style import load_styles; from tasks.registry import load; import json;"
        "task = load('humaneval', 'toy-terse');"
        "print(json.dumps([list(load_styles('humaneval')), task.prompt(task.problems[0], []).messages[0].content]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=installed.environment
    )
    styles, content = json.loads(done.stdout)
    assert (styles[0], styles[-1]) == ("complete", "toy-terse")
    assert content.startswith("Only code, no words. Complete:\nfrom typing import List")


def test_its_names_are_listed_and_its_mistakes_told_in_one_sentence(installed: Installed):
    assert "toy" in installed.wavebench("tasks")
    assert "'toy:many' is no toy model" in installed.run("eval", "--model", "toy:many", "--task", "toy").stderr
    unknown = installed.run("eval", "--model", "toy:1", "--task", "toy", "--style", "alpaca").stderr
    assert "unknown prompt style of toy 'alpaca'" in unknown
    assert "scripted:FILE, toy" in installed.run("eval", "--model", "nothing:1", "--task", "toy").stderr
