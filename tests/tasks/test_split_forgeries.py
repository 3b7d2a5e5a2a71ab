"""Wrong programs that make their tests pass, in the five languages whose tests run apart from them: none is held."""

from dataclasses import replace

import pytest

from sandbox.languages import language
from sandbox.outcome import Confirmation, Outcome
from sandbox.program import Program
from sandbox.sandbox import Sandbox
from sandbox.toolchains.installed import ToolchainMissingError, read_toolchain
from tests.tasks.pack_problems import CODES, Forgery, forgeries, kinds_of, pack_problem, pack_task

FORGERIES = [each for code in CODES for each in forgeries(code)]
_WALL_SECONDS = 6.0
"""Some wait for ever."""


def run_apart(box: Sandbox, program: Program) -> Outcome:
    """Runs the split tests alone."""
    try:
        read_toolchain(language(program.language))
    except ToolchainMissingError as error:
        pytest.skip(str(error))
    limits = replace(program.limits, wall_seconds=_WALL_SECONDS)
    [(_, outcome)] = box.run([(0, replace(program, limits=limits, split_alone=True))])
    return outcome


@pytest.mark.parametrize("code", CODES)
def test_right_solutions_are_held(sandbox: Sandbox, code: str):
    for kind in kinds_of(code):
        problem = pack_problem(code, kind)
        outcome = run_apart(sandbox, pack_task(code).program(problem, pack_task(code).reference(problem)))
        assert outcome.confirmation is Confirmation.HELD, (kind, outcome)


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda each: f"{each.language}-{each.name}")
def test_no_forgery_is_held(sandbox: Sandbox, forgery: Forgery):
    task = pack_task(forgery.language)
    program = task.program(pack_problem(forgery.language, forgery.kind), forgery.code)
    assert program.split
    outcome = run_apart(sandbox, program)
    assert outcome.confirmation in (Confirmation.REFUTED, Confirmation.INEXPRESSIBLE), outcome
    assert outcome.confirmation_detail, outcome


@pytest.mark.parametrize("code", CODES)
def test_there_are_enough_of_them(code: str):
    assert len(list(forgeries(code))) >= 18
