from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.errors import SandboxError
from sandbox.launch import open_sandbox
from sandbox.sandbox import Sandbox

SHARED = Path(__file__).parents[3] / "shared" / "data"


def shared(folder: str) -> Path:
    path = SHARED / folder
    if not path.is_dir():
        pytest.skip(f"needs whole benchmarks or published generations, which are not at {path}")
    return path


@pytest.fixture(scope="session")
def benchmarks() -> Path:
    return shared("benchmarks")


@pytest.fixture(scope="session")
def generations() -> Path:
    return shared("generations")


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    try:
        box = open_sandbox(workers=2)
    except SandboxError as error:
        pytest.skip(str(error))
    with box:
        yield box
