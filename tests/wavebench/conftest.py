"""The small benchmark of our own, and Python processes that find the package but nothing of the tests."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

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
def environment() -> Iterator[dict[str, str]]:
    """With a cache of the tests' own, but for the toolchains, which take long to build.

    It lies beside the usual one: programs see a folder of their own in place of /tmp, where no toolchain can be.
    """
    usual = cache_folder()
    (usual / "toolchains").mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="tests-", dir=usual) as cache:
        (Path(cache) / "toolchains").symlink_to(usual / "toolchains")
        yield {**os.environ, "PYTHONPATH": str(ROOT), "WAVEBENCH_CACHE": cache, "HF_HUB_OFFLINE": "1"}


@pytest.fixture(autouse=True)
def own_cache(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WAVEBENCH_CACHE", environment["WAVEBENCH_CACHE"])


@pytest.fixture(scope="session")
def python(environment: dict[str, str]) -> Python:
    def run(*words: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, *map(str, words)]
        return subprocess.run(line, capture_output=True, text=True, env=environment, cwd=cwd, timeout=240)

    return run
