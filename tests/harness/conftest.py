"""A small benchmark of our own, a script of answers to it, and the installed command."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from sandbox.toolchains.cache_folder import cache_folder

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def data() -> Path:
    return DATA


@pytest.fixture(scope="session")
def shared_data() -> Path:
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"needs whole benchmarks or published generations, which are not at {folder}")
    return folder


@pytest.fixture(scope="session")
def arguments() -> Callable[[Path], list[str]]:
    """The `wavebench eval` of the small benchmark into a folder."""

    def build(out: Path) -> list[str]:
        script, problems = DATA / "script.jsonl", DATA / "problems.jsonl"
        named = ["--model", f"scripted:{script}", "--task", "humaneval", "--style", "complete", "--samples", "3"]
        return ["eval", *named, "--data", str(problems), "--out", str(out)]

    return build


@pytest.fixture(scope="session")
def command() -> list[str]:
    """How the command is started from any folder."""
    return [sys.executable, "-m", "harness"]


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """With a cache of the tests' own, but for the toolchains, which take long to build."""
    cache = tmp_path_factory.mktemp("cache")
    (cache / "toolchains").symlink_to(cache_folder() / "toolchains")
    return {**os.environ, "PYTHONPATH": str(ROOT), "WAVEBENCH_CACHE": str(cache)}


@pytest.fixture(scope="session")
def wavebench(command: list[str], environment: dict[str, str]) -> Command:
    def run(*words: object, cwd: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
        """`variables` are set in the command's environment."""
        line, variables = [*command, *map(str, words)], {**environment, **variables}
        return subprocess.run(line, capture_output=True, text=True, env=variables, cwd=cwd, timeout=120)

    return run


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, wavebench: Command, arguments: Callable[[Path], list[str]]):
    """A run folder that nothing disturbed."""
    out = tmp_path_factory.mktemp("undisturbed") / "run"
    done = wavebench(*arguments(out))
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture
def run_copy(undisturbed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(undisturbed, tmp_path / "copy"))


@pytest.fixture
def golden(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA / "golden-run", tmp_path / "golden"))


@pytest.fixture
def write_lines(tmp_path: Path) -> Callable[[str, Sequence[object]], Path]:
    def write(name: str, rows: Sequence[object]) -> Path:
        file = tmp_path / name
        file.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return file

    return write


@pytest.fixture(scope="session")
def one_sentence() -> Callable[[subprocess.CompletedProcess[str]], str]:
    """The only thing said on standard error, which must be one line and no traceback."""

    def check(done: subprocess.CompletedProcess[str]) -> str:
        lines = done.stderr.strip().splitlines()
        assert done.returncode != 0, done.stdout
        assert len(lines) == 1, done.stderr
        assert "Traceback" not in done.stderr
        return lines[0]

    return check
