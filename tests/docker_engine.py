"""A Docker engine for the tests that ask for one, with the sandbox's image."""

import os
import select
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from sandbox.docker.engine import BUILD, Engine
from sandbox.docker.image import Variant, image_name
from sandbox.errors import SandboxError
from sandbox.launch import open_sandbox
from sandbox.outcome import Tier
from sandbox.sandbox import Sandbox
from sandbox.toolchains.cache_folder import cache_folder

NO_ENGINE: Mapping[str, str] = {"DOCKER_HOST": "unix:///nowhere/docker.sock"}
"""The environment of a test that expects no engine, whatever runs on this machine or was started by other tests."""
SCRIPTS = Path(__file__).parents[1] / "scripts"


@contextmanager
def running_engine() -> Generator[Engine]:
    """The engine that runs here, else one of our own, which ends with this context; skips where none can be had.

    DOCKER_HOST is left as it was, so that only who asks for the engine sees it.
    """
    try:
        engine, folder = Engine(), ""
    except SandboxError as error:
        if os.geteuid() != 0 or not shutil.which("dockerd"):
            pytest.skip(f"{error} None can be started here without root and dockerd.")
        folder = tempfile.mkdtemp(prefix="engine-")
        Path(folder).chmod(0o711)  # a test asks it as another user
        started = subprocess.run([SCRIPTS / "start-docker-engine.sh", folder], stdout=subprocess.PIPE, check=True)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DOCKER_HOST", started.stdout.decode().strip().removeprefix("DOCKER_HOST="))
            engine = Engine()
    try:
        _provide_image(engine)
        yield engine
    finally:
        if folder:
            _end_engine(Path(folder))


@contextmanager
def all_languages(engine: Engine) -> Generator[None]:
    """The engine has the image with all languages meanwhile; skips where it would have to be built."""
    name = image_name(Variant.LANGUAGES)
    if engine.image() == name:
        yield
        return
    if not (cache_folder() / "images" / f"{name.partition(':')[2]}.tar").exists():
        pytest.skip(f"{engine.image()} holds Python alone; `{BUILD} languages` makes one with all, in half an hour")
    _run_build(engine, Variant.LANGUAGES)
    try:
        yield
    finally:
        # A sandbox takes the fullest image; later tests find the small one again. The command has no limit of time.
        subprocess.run(["docker", "rmi", name], check=True, stdout=subprocess.DEVNULL, env=_environment(engine))


def open_tier(request: pytest.FixtureRequest, workers: int) -> Sandbox:
    """Opens a sandbox of the tier that the fixture has for its parameter; an engine starts for `docker` alone."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param is Tier.DOCKER:
            patch.setenv("DOCKER_HOST", request.getfixturevalue("engine").address)
        return open_sandbox(request.param, workers=workers)


def _provide_image(engine: Engine) -> None:
    try:
        engine.image()
    except SandboxError as error:
        if not shutil.which("mmdebstrap"):
            pytest.skip(f"{error} It cannot be made here without mmdebstrap.")
        _run_build(engine, Variant.PYTHON)


def _run_build(engine: Engine, variant: Variant) -> None:
    subprocess.run([SCRIPTS / "build-sandbox-image.sh", variant], check=True, env=_environment(engine))


def _environment(engine: Engine) -> dict[str, str]:
    return {**os.environ, "DOCKER_HOST": engine.address}


def _end_engine(folder: Path) -> None:
    pid = int((folder / "dockerd.pid").read_text())
    pidfd = os.pidfd_open(pid)
    os.kill(pid, signal.SIGTERM)
    select.select([pidfd], [], [], 120)  # a busy machine may take long to delete layers
    os.close(pidfd)
    shutil.rmtree(folder)
