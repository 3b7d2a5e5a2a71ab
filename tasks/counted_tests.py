"""Counts which of a problem's assertions hold, in a process that never holds the candidate's code.

The split tests are reworded so that a failed assertion is noted and the next one follows. The counts travel in the
error that the tests end with, which the candidate cannot write: it has no part in the process that raises it.
"""

import ast
import re
from dataclasses import replace
from functools import lru_cache

from sandbox.outcome import Confirmation, Ending, Outcome
from sandbox.program import Program, SplitSources

_RESULT = re.compile(r"AssertionError: held (\d+) of (\d+)\Z")
_NOTES, _HELD = "_wavebench_notes", "_wavebench_held"


def counted(program: Program) -> Program | None:
    """A program whose confirmation counts assertions; None where the tests cannot be split, or hold no assertion.

    Only its split tests matter: the whole program does nothing.
    """
    if program.split is None:
        return None
    if isinstance(program.split, SplitSources):  # whose testers tell each assertion
        return replace(program, split_alone=True)
    tests = _reworded(program.split.tests)
    if not tests:
        return None
    (main_file,) = tuple(program.files)[:1]
    return replace(program, files={main_file: "pass\n"}, split=replace(program.split, tests=tests), split_alone=False)


def share_held(outcome: Outcome) -> float | None:
    """The share of assertions that hold, from 0 to 1, of the outcome of a `counted` program; None: not known.

    0 where the tests could not be followed to their end. An assertion that runs many times holds if it always does.
    """
    if outcome.ending is Ending.SANDBOX_FAILED:
        return None
    if outcome.confirmation is Confirmation.HELD:
        return 1.0
    if outcome.split_alone and outcome.assertions:  # those of Python tell each assertion as often as it ran
        return sum(each.held for each in outcome.assertions) / len(outcome.assertions)
    found = _RESULT.search(outcome.confirmation_detail)
    return int(found[1]) / int(found[2]) if found else 0.0


@lru_cache(maxsize=2048)
def _reworded(tests: str) -> str:
    counter = _AssertionNotes()
    tree = counter.visit(ast.parse(tests))
    if not counter.places:
        return ""
    tree.body = [
        *ast.parse(f"{_NOTES} = {{}}").body,
        ast.Try(
            body=tree.body,
            handlers=[ast.ExceptHandler(type=ast.Name("Exception", ast.Load()), name=None, body=[ast.Pass()])],
            orelse=[],
            finalbody=[],
        ),
        *ast.parse(
            f"{_HELD} = sum({_NOTES}.values())\n"
            f"if {_HELD} < {counter.places}:\n"
            f"    raise AssertionError(f'held {{{_HELD}}} of {counter.places}')\n"
        ).body,
    ]
    return ast.unparse(ast.fix_missing_locations(tree))


class _AssertionNotes(ast.NodeTransformer):
    """Replaces each `assert` by one that notes whether it has held each time."""

    def __init__(self) -> None:
        self.places = 0

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        place = self.places
        self.places += 1
        noted = ast.parse(
            f"try:\n    pass\n"
            f"except Exception:\n    {_NOTES}[{place}] = False\n"
            f"else:\n    {_NOTES}.setdefault({place}, True)\n"
        ).body[0]
        assert isinstance(noted, ast.Try)
        noted.body = [node]
        return noted
