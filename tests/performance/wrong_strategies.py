"""Generic wrong answers against every problem of every task: which are confirmed.

python tests/performance/wrong_strategies.py                          twenty minutes on two busy cores
python tests/performance/wrong_strategies.py mbpp humaneval-pro     these tasks

About thirty strategies look at the form of their arguments alone (a constant, the first argument, the largest item, the
first example's result); in Java, Go, C++ and Rust those that the declared types allow. A sieve runs all of a problem's
in one program; in these four the reference comes last and has to pass. What passes there is judged like any answer,
apart from its tests. Such a pass is either right, since some problems ask for just that (`strategy_parts/right.toml`),
or shows that the tests are weak (`tasks/weak_tests.toml`). The script fails where a pass is in neither list, or one of
these is not confirmed any more.
"""

import argparse
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tabulate import tabulate

from harness.judging.judge import Sample, judge_samples
from sandbox.launch import open_sandbox
from sandbox.outcome import Ending
from sandbox.program import Limits, Program
from sandbox.sandbox import Sandbox
from tasks.registry import AnyTask, benchmark, load
from tasks.task import AnswerForm
from tasks.verdict import Verdict
from tasks.weak_tests import weak_tests
from tests.performance.strategy_parts.javascript import sieve_of_javascript
from tests.performance.strategy_parts.page import page
from tests.performance.strategy_parts.problems import codes_of, texts_of
from tests.performance.strategy_parts.typed import LANGUAGES as TYPED
from tests.performance.strategy_parts.typed_sieves import held_in_typed, sieve_of_typed

DATA = Path(__file__).parents[3] / "shared" / "data" / "benchmarks"
RIGHT = Path(__file__).parent / "strategy_parts" / "right.toml"
PAGE = Path(__file__).parents[2] / "docs" / "weak-tests.md"
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
    "humanevalpack-synthesize-js": None,
    "humanevalpack-synthesize-java": None,
    "humanevalpack-synthesize-go": None,
    "humanevalpack-synthesize-cpp": None,
    "humanevalpack-synthesize-rust": None,
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


def sieved(task: AnyTask, sandbox: Sandbox) -> Iterator[tuple[Any, str, str]]:
    """Problem, strategy and code of what passes in one process with its tests."""
    made = {problem: list(codes_of(problem)) for problem in task.problems}

    def programs() -> Iterator[tuple[Any, Program]]:
        for problem, codes in made.items():
            if problem.language == "javascript":
                yield problem, sieve_of_javascript(problem, _LIMITS)
                continue
            if problem.language in TYPED:
                if codes:
                    yield problem, sieve_of_typed(task, problem)
                continue
            _, before, tests, _ = texts_of(problem)
            text = _SIEVE.format(codes=[code for _, code in codes], before=before, tests=tests)
            yield problem, Program("python", {"main.py": text}, limits=_LIMITS)

    for problem, outcome in sandbox.run(programs()):
        if outcome.ending is not Ending.EXITED:
            print(
                f"{task.name} {problem.task_id}: the sieve ended: {outcome.ending} {outcome.stderr[-200:]}", flush=True
            )
        typed = problem.language in TYPED
        held = held_in_typed(outcome) if typed else {int(each) for each in outcome.stdout.split() if each.isdecimal()}
        if typed and len(made[problem]) not in held:
            print(f"{task.name} {problem.task_id}: the sieve does not let the reference pass", flush=True)
        for number in sorted(held - {len(made[problem])}):
            name, code = made[problem][number]
            yield problem, name, code


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
    parser.add_argument("--page", action="store_true", help="only write docs/weak-tests.md from the known ones")
    options = parser.parse_args()
    if options.page:
        PAGE.write_text(page())
        return
    if not options.data.is_dir():
        print(f"skipped: {options.data} is not there")
        return
    right = tomllib.loads(RIGHT.read_text())
    rows: list[list[object]] = []
    wrong: list[str] = []
    with open_sandbox(workers=options.workers) as sandbox:
        for name in options.tasks:
            task = load(name, data_dir=options.data, split=TASKS.get(name))
            dataset = benchmark(name).dataset
            weak = weak_tests(dataset.name if dataset else "")
            found: dict[str, set[str]] = {}
            for task_id, strategy in confirmed(task, sandbox):
                found.setdefault(task_id, set()).add(strategy)
            for task_id in sorted({*found, *weak}):
                passes, listed = found.get(task_id, set()), set(weak[task_id].passes) if task_id in weak else set()
                solved = set(right.get(task_id, ()))
                wrong += [f"{name} {task_id}: {each}: in no list" for each in sorted(passes - listed - solved)]
                wrong += [f"{name} {task_id}: {each}: not confirmed" for each in sorted(listed - passes)]
            solved_ids = [task_id for task_id in found if task_id not in weak]
            rows.append([name, len(task.problems), len(solved_ids), len(weak), ", ".join(sorted(weak))])
    print(tabulate(rows, ["task", "problems", "solved rightly", "weak tests", "which"], tablefmt="github"))
    if wrong:
        raise SystemExit("\n".join(wrong))


if __name__ == "__main__":
    main()
