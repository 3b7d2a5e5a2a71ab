"""The command, started beside files of the user's that are named as our packages are."""

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

from datagen.child_environment import child_environment

Python = Callable[..., subprocess.CompletedProcess[str]]
NAMES = ("tasks", "harness", "sandbox", "datagen", "leaderboards", "utils")


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """A folder of the user's; importing anything in it is seen."""
    for name in NAMES:
        (tmp_path / f"{name}.py").write_text(f"raise SystemExit('imported the user\\'s {name}.py')\n")
    return tmp_path


def small_run(problems: Path) -> list[object]:
    script = problems.with_name("script.jsonl")
    return ["--model", f"scripted:{script}", "--task", "humaneval", "--style", "complete", "--data", problems]


def test_python_m_wavebench_takes_nothing_from_the_current_folder(python: Python, beside: Path, problems: Path):
    done = python("-m", "wavebench", "eval", *small_run(problems), "--out", "run", cwd=beside)
    assert done.returncode == 0, done.stderr
    assert (beside / "run" / "score.json").exists()
    mounted = python("-m", "wavebench", "compare", "run", "run", cwd=beside)
    assert mounted.returncode == 0, mounted.stderr
    assert "common problems" in mounted.stdout


def test_the_installed_command_starts_in_the_same_function(python: Python, beside: Path, root: Path):
    scripts = tomllib.loads((root / "pyproject.toml").read_text())["project"]["scripts"]
    module, _, function = scripts["wavebench"].partition(":")
    assert callable(getattr(import_module(module), function))
    start = beside / "bin" / "wavebench"  # as pip writes it
    start.parent.mkdir()
    start.write_text(f"import sys\nfrom {module} import {function}\nsys.exit({function}())\n")
    done = python(start, "--help", cwd=beside)
    assert done.returncode == 0, done.stderr
    assert "eval" in done.stdout


def test_python_m_harness_goes_on_working(python: Python, beside: Path):
    (beside / "harness.py").unlink()
    done = python("-m", "harness", "tasks", cwd=beside)
    assert done.returncode == 0, done.stderr
    assert "humaneval" in done.stdout


def test_a_checkout_that_is_not_installed_runs_in_its_own_folder(environment: dict[str, str], root: Path):
    bare = {name: value for name, value in environment.items() if name != "PYTHONPATH"}
    code = "import runpy, sys; sys.argv = ['wavebench', '--help']; runpy.run_module('wavebench', run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, env=bare, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "eval" in done.stdout


@pytest.mark.parametrize("module", ["datagen.ablation", "datagen.finetune"])
def test_processes_that_commands_start_take_nothing_from_there_either(
    beside: Path, module: str, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
):
    monkeypatch.setenv("PYTHONPATH", environment["PYTHONPATH"])
    monkeypatch.chdir(beside)
    line = [sys.executable, "-m", module, "--help"]
    done = subprocess.run(line, cwd=beside, env=child_environment(), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "--out" in done.stdout


def test_a_child_of_a_bare_checkout_finds_the_checkout(root: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.chdir(root)
    assert child_environment()["PYTHONPATH"].split(os.pathsep)[0] == str(root)
