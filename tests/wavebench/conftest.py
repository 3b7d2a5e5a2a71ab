"""The small benchmark of our own, and Python processes that find the package but nothing of the tests."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.toolchains.installed import cache_folder

ROOT = Path(__file__).parents[2]
Python = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def problems() -> Path:
    return ROOT / "tests" / "data" / "problems.jsonl"


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """With a cache of the tests' own, but for the toolchains, which take long to build."""
    cache = tmp_path_factory.mktemp("cache")
    (cache / "toolchains").symlink_to(cache_folder() / "toolchains")
    return {**os.environ, "PYTHONPATH": str(ROOT), "WAVEBENCH_CACHE": str(cache), "HF_HUB_OFFLINE": "1"}


@pytest.fixture(autouse=True)
def own_cache(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WAVEBENCH_CACHE", environment["WAVEBENCH_CACHE"])


@pytest.fixture(scope="session")
def python(environment: dict[str, str]) -> Python:
    def run(*words: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, *map(str, words)]
        return subprocess.run(line, capture_output=True, text=True, env=environment, cwd=cwd, timeout=240)

    return run
