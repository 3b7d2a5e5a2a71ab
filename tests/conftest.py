"""What holds for all rooms' tests."""

from collections.abc import Iterator

import pytest

from sandbox.docker.engine import Engine
from sandbox.walls.probe import probe
from tests.docker_engine import running_engine
from tests.toolchains import build_toolchains


def pytest_sessionstart(session: pytest.Session) -> None:
    """Builds the toolchains before workers start, a minute where the cache is empty.

    A sandbox looks for toolchains as it opens. One that a test opens while another test still builds would call every
    program of the language not judged.
    """
    if session.config.getoption("numprocesses", default=None):
        build_toolchains()  # in one process, and in a worker, the fixture `toolchains` builds what its tests need


@pytest.fixture(scope="session")
def kernel() -> None:
    """Skips where the kernel refuses a wall."""
    refused = [check for check in probe() if check.needed and not check.ok]
    if refused:
        pytest.skip(f"the kernel refuses {refused[0].name}: {refused[0].detail}")


@pytest.fixture(scope="session")
def engine(kernel: None) -> Iterator[Engine]:  # noqa: ARG001
    """An engine with the sandbox image, one for each worker of pytest: tests count containers."""
    with running_engine() as running:
        yield running


@pytest.fixture
def docker(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """The engine, which DOCKER_HOST names during this test."""
    monkeypatch.setenv("DOCKER_HOST", engine.address)
    return engine
