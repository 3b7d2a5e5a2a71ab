import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.extras import extra_of, install_command

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("module", "extra"),
    [
        ("psutil", "train"),
        ("sentence_transformers", "datagen"),
        ("huggingface_hub.utils", "data"),
        ("openai", "api"),
        ("docker", "docker"),
        ("no_such_module", ""),
        ("json", ""),
    ],
)
def test_a_module_is_known_by_the_extra_that_brings_it(module: str, extra: str):
    assert extra_of(module) == extra


def test_the_command_names_the_checkout_and_the_environments_own_pip(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "/usr/bin")
    words = install_command("site").split()
    assert words[1:3] == ["install", "-e"]
    assert words[3].strip("'").endswith("[site]")
    assert Path(words[0]).exists()
    assert Path(words[0]).parent.samefile(Path(sys.prefix, "bin"))


def test_a_command_in_an_environment_without_extras_names_the_extra(tmp_path: Path):
    """The core install alone, as a newcomer has it: every module that an extra brings is hidden."""
    hidden = ("psutil", "torch", "transformers", "openai", "matplotlib", "sentence_transformers", "trl", "uvicorn")
    finder = f"""
import sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {hidden!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Hidden())
"""
    (tmp_path / "sitecustomize.py").write_text(finder)
    (tmp_path / "any.toml").write_text('model = "x/y"\n')
    commands = [
        ["eval", "--model", "hf:x/y", "--task", "humaneval", "--limit", "1", "--out", "a"],
        ["eval", "--model", "api:x", "--task", "humaneval", "--limit", "1", "--out", "b", "--base-url", "http://x"],
        ["finetune", "any.toml", "--out", "c"],
        ["ablate", "any.toml", "--out", "d"],
        ["serve"],
    ]
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    for command in commands:
        words = [sys.executable, "-m", "wavebench", *command]
        done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode != 0, command
        assert "Traceback" not in done.stderr, (command, done.stderr)
        assert len(done.stderr.strip().splitlines()) <= 2, (command, done.stderr)
        shutil.rmtree(tmp_path / command[-1], ignore_errors=True)
