from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from sandbox.languages import language
from sandbox.launch import open_sandbox
from sandbox.outcome import Outcome, Tier
from sandbox.program import Limits, Program
from sandbox.sandbox import Sandbox
from tests.docker_engine import open_tier
from tests.toolchains import build_toolchains

Run = Callable[..., Outcome]


@pytest.fixture(scope="session", params=[Tier.NAMESPACES, Tier.DOCKER])
def sandbox(request: pytest.FixtureRequest, kernel: None) -> Iterator[Sandbox]:  # noqa: ARG001
    with open_tier(request, workers=2) as opened:
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
