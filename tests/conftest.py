"""What holds for all rooms' tests."""

import pytest

from tests.toolchains import build_toolchains


def pytest_sessionstart(session: pytest.Session) -> None:
    """Builds the toolchains before workers start, a minute where the cache is empty.

    A sandbox looks for toolchains as it opens. One that a test opens while another test still builds would call every
    program of the language not judged.
    """
    if session.config.getoption("numprocesses", default=None):
        build_toolchains()  # in one process, and in a worker, the fixture `toolchains` builds what its tests need
