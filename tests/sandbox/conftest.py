import os
import select
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.docker.engine import Engine
from sandbox.errors import SandboxError
from sandbox.languages import language
from sandbox.launch import open_sandbox
from sandbox.outcome import Outcome, Tier
from sandbox.program import Limits, Program
from sandbox.sandbox import Sandbox
from sandbox.walls.probe import probe
from tests.toolchains import build_toolchains

Run = Callable[..., Outcome]
SCRIPTS = Path(__file__).parents[2] / "scripts"


@pytest.fixture(scope="session")
def kernel() -> None:
    """Skips where the kernel refuses a wall."""
    refused = [check for check in probe() if check.needed and not check.ok]
    if refused:
        pytest.skip(f"the kernel refuses {refused[0].name}: {refused[0].detail}")


@pytest.fixture(scope="session")
def docker(kernel: None) -> Iterator[Engine]:  # noqa: ARG001
    """An engine with the sandbox image: the one that runs, else one of our own for these tests."""
    with pytest.MonkeyPatch.context() as patch:
        try:
            engine, folder = Engine(), ""
        except SandboxError as error:
            if os.geteuid() != 0 or not shutil.which("dockerd"):
                pytest.skip(f"{error} None can be started here without root and dockerd.")
            folder = tempfile.mkdtemp(prefix="engine-")
            Path(folder).chmod(0o711)  # a test asks it as another user
            started = subprocess.run([SCRIPTS / "start-docker-engine.sh", folder], stdout=subprocess.PIPE, check=True)
            patch.setenv("DOCKER_HOST", started.stdout.decode().strip().removeprefix("DOCKER_HOST="))
            engine = Engine()
        try:
            _provide_image(engine)
            yield engine
        finally:
            if folder:
                _end_engine(Path(folder))


def _provide_image(engine: Engine) -> None:
    try:
        engine.image()
    except SandboxError as error:
        if not shutil.which("mmdebstrap"):
            pytest.skip(f"{error} It cannot be made here without mmdebstrap.")
        subprocess.run([SCRIPTS / "build-sandbox-image.sh"], check=True)


def _end_engine(folder: Path) -> None:
    pid = int((folder / "dockerd.pid").read_text())
    pidfd = os.pidfd_open(pid)
    os.kill(pid, signal.SIGTERM)
    select.select([pidfd], [], [], 30)
    os.close(pidfd)
    shutil.rmtree(folder)


@pytest.fixture(scope="session", params=[Tier.NAMESPACES, Tier.DOCKER])
def sandbox(request: pytest.FixtureRequest, kernel: None) -> Iterator[Sandbox]:  # noqa: ARG001
    if request.param is Tier.DOCKER:
        request.getfixturevalue("docker")
    with open_sandbox(request.param, workers=2) as opened:
        yield opened


@pytest.fixture(scope="session")
def toolchains() -> dict[str, str]:
    """Why each language without its tools has to be skipped; all others are built."""
    return build_toolchains()


@pytest.fixture(scope="session")
def language_sandbox(toolchains: dict[str, str], kernel: None) -> Iterator[Sandbox]:  # noqa: ARG001
    """Opened after the toolchains were built, as that is when a sandbox looks for them."""
    with open_sandbox(workers=1) as opened:
        yield opened


@pytest.fixture
def run_in(toolchains: dict[str, str], language_sandbox: Sandbox) -> Run:
    """Runs one source in a language; keywords are limits of the run."""

    def run_one(name: str, source: str, compile_limits: Limits | None = None, **limits: float) -> Outcome:
        if name in toolchains:
            pytest.skip(toolchains[name])
        row = language(name)
        program = Program(
            name,
            {row.main_file: source},
            limits=replace(row.limits, **limits),  # type: ignore[arg-type]
            compile_limits=compile_limits,
        )
        [(_, outcome)] = language_sandbox.run([(0, program)])
        return outcome

    return run_one


@pytest.fixture
def run(sandbox: Sandbox) -> Run:
    """Runs one Python source; keywords are limits."""

    def run_one(source: str, stdin: str = "", **limits: float) -> Outcome:
        program = Program("python", {"main.py": source}, stdin=stdin, limits=Limits(**limits))  # type: ignore[arg-type]
        [(_, outcome)] = sandbox.run([(0, program)])
        return outcome

    return run_one
