"""Some of the benchmark's own solutions, by the tests apart from them: the right ones are held, the buggy ones are not.

`wavebench doctor --full` does it for all.
"""

from dataclasses import replace

import pytest

from sandbox.languages import language
from sandbox.outcome import Confirmation
from sandbox.sandbox import Sandbox
from sandbox.toolchains.installed import ToolchainMissingError, read_toolchain
from tasks.humanevalpack.task import load_humanevalpack
from tests.benchmark_files import pack_source
from tests.tasks.pack_problems import CODES

_KINDS_OF_VALUES = (1, 12, 22, 87, 111, 137)
"""Lists of texts, optional values, values of any type, lists of lists, maps, a type of the solution's own."""


@pytest.mark.parametrize("code", CODES)
def test_right_solutions_are_held_and_buggy_ones_are_not(sandbox: Sandbox, code: str):
    task = load_humanevalpack("fix", code, **pack_source(code))
    try:
        read_toolchain(language(task.pack_language.sandbox))
    except ToolchainMissingError as error:
        pytest.skip(str(error))
    numbers = [number for number in _KINDS_OF_VALUES if number < len(task.problems)]
    solutions = {
        (problem.task_id, is_right): task.program(problem, task.reference(problem) if is_right else task.buggy(problem))
        for problem in (task.problems[number] for number in numbers)
        for is_right in (True, False)
    }
    outcomes = dict(sandbox.run((key, replace(each, split_alone=True)) for key, each in solutions.items()))
    assert {key: outcomes[key].confirmation is Confirmation.HELD for key in solutions} == {
        (task_id, is_right): is_right for task_id, is_right in solutions
    }
