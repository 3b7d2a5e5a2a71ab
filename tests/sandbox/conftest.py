from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from sandbox.install import install
from sandbox.languages import language, languages
from sandbox.launch import open_sandbox
from sandbox.outcome import Outcome
from sandbox.probe import probe
from sandbox.program import Limits, Program
from sandbox.sandbox import Sandbox
from sandbox.toolchain import ToolchainMissingError

Run = Callable[..., Outcome]


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    refused = [check for check in probe() if check.needed and not check.ok]
    if refused:
        pytest.skip(f"the kernel refuses {refused[0].name}: {refused[0].detail}")
    with open_sandbox(workers=2) as opened:
        yield opened


@pytest.fixture(scope="session")
def toolchains() -> dict[str, str]:
    """Builds what is not built yet; says of each language without its tools why it has to be skipped."""
    missing: dict[str, str] = {}
    for row in languages().values():
        try:
            if row.needs_toolchain:
                install(row)
        except ToolchainMissingError as error:
            missing[row.name] = str(error)
    return missing


@pytest.fixture(scope="session")
def language_sandbox(toolchains: dict[str, str], sandbox: Sandbox) -> Iterator[Sandbox]:  # noqa: ARG001
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
