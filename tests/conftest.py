"""What holds for all rooms' tests."""

import contextlib

import pytest

from sandbox.languages import languages
from sandbox.toolchains.install import install
from sandbox.toolchains.installed import ToolchainMissingError


def pytest_sessionstart(session: pytest.Session) -> None:
    """Builds the toolchains before workers start, a minute where the cache is empty.

    A sandbox looks for toolchains as it opens. One that a test opens while another test still builds would call every
    program of the language not judged.
    """
    if not session.config.getoption("numprocesses", default=None):
        return  # one process, or a worker: the fixture `toolchains` builds what its tests need
    for row in languages().values():
        with contextlib.suppress(ToolchainMissingError):
            if row.needs_toolchain:
                install(row)
