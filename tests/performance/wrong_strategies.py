"""Generic wrong answers against every problem whose tests are in Python: which are confirmed, and on what evidence.

python tests/performance/wrong_strategies.py                    a quarter of an hour on two quiet cores
python tests/performance/wrong_strategies.py mbpp humaneval-pro     these tasks

About thirty strategies look at the form of their arguments alone (a constant, the first argument, the largest item, the
first example's result). A sieve runs all of a problem's in one program; what passes there is judged like any answer,
apart from its tests. Such a pass is either right, since some problems ask for just that, or shows that the tests are
weak: `known_weak.toml` says which, each with an input that tells, and the script fails for one that is in neither list.
"""

import argparse
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from strategy_parts.strategies import code_of, strategies
from tabulate import tabulate

from harness.judging.judge import Sample, judge_samples
from sandbox.launch import open_sandbox
from sandbox.program import Limits, Program
from sandbox.sandbox import Sandbox
from tasks.codeeval_pro.task import ProProblem
from tasks.evalplus.problem import PlusProblem
from tasks.humaneval.task import HumanEvalProblem
from tasks.humanevalpack.problem import PackProblem
from tasks.mbpp.task import MbppProblem
from tasks.registry import AnyTask, load
from tasks.task import AnswerForm
from tasks.verdict import Verdict

DATA = Path(__file__).parents[3] / "shared" / "data" / "benchmarks"
LISTS = Path(__file__).parent / "strategy_parts" / "known_weak.toml"
TASKS = {
    "humaneval": None,
    "mbpp": "all",
    "mbpp-sanitized": "all",
    "humaneval-plus": None,
    "mbpp-plus": None,
    "mbpp-plus-0.1.0": None,
    "humaneval-pro": None,
    "mbpp-pro": None,
    "humanevalpack-synthesize-python": None,
}
"""Each with its split."""
_SIEVE = """
import io, sys
_say = sys.stdout
for _number, _code in enumerate({codes!r}):
    sys.stdout = io.StringIO()
    try:
        _names = {{}}
        exec({before!r} + _code, _names)
        exec({tests!r}, _names)
        _held = True
    except BaseException:
        _held = False
    sys.stdout = _say
    if _held:
        print(_number)
"""
_LIMITS = Limits(cpu_seconds=20.0, wall_seconds=60.0, memory_mb=1024)


def texts_of(problem: Any) -> tuple[str, str, str, str]:
    """What is shown, what stands before an answer, the tests, and the function's name."""
    match problem:
        case HumanEvalProblem():
            tests = f"{problem.test}\ncheck({problem.entry_point})"
            return problem.prompt, f"{problem.prompt}    pass\n", tests, problem.entry_point
        case MbppProblem():
            tests = "\n".join([*problem.imports, problem.setup, *problem.tests])
            # two problems build objects of the solution's own classes
            return problem.text, f"{problem.code}\n", tests, problem.entry_point
        case PlusProblem():
            reference = f"{problem.prompt}{problem.canonical_solution}\n"
            tests = (
                f"_reference, _answer = {{}}, {problem.entry_point}\nexec({reference!r}, _reference)\n"
                f"from copy import deepcopy\nfor _inputs in {problem.base_inputs[:3]!r}:\n"
                f"    _wanted = _reference[{problem.entry_point!r}](*deepcopy(_inputs))\n"
                "    _got = _answer(*deepcopy(_inputs))\n"
                "    try: assert _got == _wanted or set(_got) == set(_wanted)\n"
                "    except TypeError: assert abs(_got - _wanted) < 1e-3\n"
            )
            return problem.prompt, "", tests, problem.entry_point
        case ProProblem():
            return (
                problem.new_problem,
                f"{problem.raw_problem}{problem.raw_solution}\n",
                problem.test_code,
                problem.entry_point,
            )
        case PackProblem():
            return problem.prompt, f"{problem.prompt}    pass\n", problem.test, problem.entry_point
        case _:
            raise TypeError(type(problem))


def sieved(task: AnyTask, sandbox: Sandbox) -> Iterator[tuple[Any, str, str]]:
    """Problem, strategy and code of what passes in one process with its tests."""
    made = {problem: list(_codes(problem)) for problem in task.problems}

    def programs() -> Iterator[tuple[Any, Program]]:
        for problem, codes in made.items():
            _, before, tests, _ = texts_of(problem)
            text = _SIEVE.format(codes=[code for _, code in codes], before=before, tests=tests)
            yield problem, Program("python", {"main.py": text}, limits=_LIMITS)

    for problem, outcome in sandbox.run(programs()):
        if not outcome.finished:
            print(
                f"{task.name} {problem.task_id}: the sieve ended: {outcome.ending} {outcome.stderr[-200:]}", flush=True
            )
        for number in filter(str.isdecimal, outcome.stdout.split()):
            name, code = made[problem][int(number)]
            yield problem, name, code


def _codes(problem: Any) -> Iterator[tuple[str, str]]:
    shown, before, tests, entry_point = texts_of(problem)
    for name, body in strategies(shown, tests, entry_point):
        code = code_of(entry_point, body)
        yield name, before + code if isinstance(problem, ProProblem) else code


def confirmed(task: AnyTask, sandbox: Sandbox) -> Iterator[tuple[str, str]]:
    """Problem's id and strategy of every pass that is confirmed."""
    found = list(sieved(task, sandbox))
    samples = (
        Sample(problem, number, [code], AnswerForm.PROGRAM, split_alone=True)
        for number, (problem, _, code) in enumerate(found)
    )
    for record in judge_samples(task, samples, sandbox):
        if record.verdict is Verdict.PASSED and record.confirmed:
            yield record.task_id, found[record.sample][1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", nargs="*", default=list(TASKS))
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--workers", type=int)
    options = parser.parse_args()
    if not options.data.is_dir():
        print(f"skipped: {options.data} is not there")
        return
    known = cast(dict[str, dict[str, Any]], tomllib.loads(LISTS.read_text()))
    rows: list[list[object]] = []
    new: list[str] = []
    with open_sandbox(workers=options.workers) as sandbox:
        for name in options.tasks:
            task = load(name, data_dir=options.data, split=TASKS.get(name))
            right: set[str] = set()
            weak: set[str] = set()
            for task_id, strategy in sorted(confirmed(task, sandbox)):
                note = known.get(task_id, {})
                if strategy in note.get("right", ()):
                    right.add(task_id)
                elif strategy in note.get("wrong", ()):
                    weak.add(task_id)
                else:
                    new.append(f"{name} {task_id}: {strategy}")
                    print(new[-1], flush=True)
            rows.append([name, len(task.problems), len(right), len(weak), ", ".join(sorted(weak))])
    print(tabulate(rows, ["task", "problems", "solved rightly", "weak tests", "which"], tablefmt="github"))
    if new:
        raise SystemExit(f"{len(new)} passes are in neither list.")


if __name__ == "__main__":
    main()
