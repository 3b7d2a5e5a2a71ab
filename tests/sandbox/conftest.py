from collections.abc import Callable, Iterator

import pytest

from sandbox.launch import open_sandbox
from sandbox.outcome import Outcome
from sandbox.probe import probe
from sandbox.program import Limits, Program
from sandbox.sandbox import Sandbox

Run = Callable[..., Outcome]


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    refused = [check for check in probe() if check.needed and not check.ok]
    if refused:
        pytest.skip(f"the kernel refuses {refused[0].name}: {refused[0].detail}")
    with open_sandbox(workers=2) as opened:
        yield opened


@pytest.fixture
def run(sandbox: Sandbox) -> Run:
    """Runs one Python source; keywords are limits."""

    def run_one(source: str, stdin: str = "", **limits: float) -> Outcome:
        program = Program("python", {"main.py": source}, stdin=stdin, limits=Limits(**limits))  # type: ignore[arg-type]
        [(_, outcome)] = sandbox.run([(0, program)])
        return outcome

    return run_one
