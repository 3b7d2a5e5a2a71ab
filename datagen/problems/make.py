"""Makes the problems of a core set: tests are chosen, solutions confirmed, benchmarks and doubles left out."""

import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from datagen.config import LeakageConfig, LeakCheck, ProblemsConfig
from datagen.execution.doctests import count_examples
from datagen.leakage.behaviour import BehaviourCounts, behaviour_leaks, candidates_of
from datagen.leakage.benchmark import BenchmarkProblem, ComparedBenchmark
from datagen.leakage.check import check_leakage
from datagen.problems.choose_tests import choose_tests
from datagen.problems.problem import OwnProblem, problem_of
from datagen.problems.trial import try_functions
from datagen.rows.content_store import write_rows
from datagen.rows.example import Example, Opinion
from datagen.rows.raw_function import RawFunction
from datagen.teachers.rules_discriminator import review_by_rules
from datagen.teachers.rules_teacher import draft_rows, load_templates
from sandbox.outcome import Confirmation
from sandbox.sandbox import Sandbox
from tasks.humaneval.flaws import humaneval_flaws
from tasks.humaneval.task import load_humaneval

_CHECKS = (LeakCheck.SUBSTRING, LeakCheck.NGRAM, LeakCheck.BEHAVIOUR)
_OF_THE_MACHINE = re.compile(
    r"\b(?:time|datetime|random|secrets|uuid|sys|platform|locale|socket|subprocess|tempfile|threading|getpass|inspect|"
    r"importlib|warnings|tkinter|glob|shutil|ctypes)\b|\bos\.(?!path\.|fspath\b)|\b(?:open|input|print|globals)\("
)
"""What a result that others can reach does not depend on."""


@dataclass(slots=True)
class MadeProblems:
    """The problems, and what became of all other functions."""

    problems: list[OwnProblem] = field(default_factory=list[OwnProblem])
    tried: int = 0
    dropped: Counter[str] = field(default_factory=Counter[str])
    not_compared: dict[str, str] = field(default_factory=dict[str, str])
    """Benchmarks that were not here, and why."""


def make_problems(
    functions: Iterable[RawFunction],
    config: ProblemsConfig,
    seed: int,
    benchmarks: Sequence[ComparedBenchmark],
    leakage: LeakageConfig,
    sandbox: Sandbox,
    progress: Callable[[int], None],
) -> MadeProblems:
    """Every function that gives a problem, in the order of the core set."""
    made = MadeProblems()
    asked: dict[str, Example] = {}

    def candidates() -> Iterator[RawFunction]:
        for rank, function in enumerate(functions):
            progress(1)
            if made.tried < config.functions and (row := _asked(function, rank, seed)):
                asked[function.function_id] = row
                made.tried += 1
                yield function

    found: dict[str, OwnProblem] = {}
    for trial in try_functions(candidates(), sandbox.run, seed, config.inputs):
        function = trial.function
        tests = choose_tests(trial, count_examples(function.docstring) > 0, config.most_tests)
        if isinstance(tests, str):
            made.dropped[tests] += 1
        elif (problem := problem_of(function, tests, len(trial.mutants))) and not any(humaneval_flaws(asdict(problem))):
            found[function.function_id] = problem
        else:
            made.dropped["its text cannot be told apart into prompt and solution"] += 1
    made.dropped["it did not run on drawn inputs"] += made.tried - made.dropped.total() - len(found)
    confirmed = _confirmed(list(found.values()), sandbox)
    made.dropped["its own solution is not confirmed"] += len(found) - len(confirmed)
    rows = {key: asked[key] for key in asked if key in found and found[key].task_id in confirmed}
    checks = replace(leakage, checks=_CHECKS, remove=())
    report = check_leakage(list(rows.values()), benchmarks, checks, None, lambda: nullcontext(sandbox))
    leaked = {leak.example_id for leak in report.leaks}
    made.not_compared = report.missing
    made.dropped["it solves a benchmark's problem or shares its words"] += len(leaked)
    rows = {key: row for key, row in rows.items() if row.example_id not in leaked}
    alike = _alike(rows, found, sandbox)
    made.dropped["another function passes its tests"] += len(alike)
    made.problems = [found[key] for key in rows if key not in alike]
    return made


def _asked(function: RawFunction, rank: int, seed: int) -> Example | None:
    """The function's generation row, where it is good and stands alone on any machine."""
    if function.language != "python" or not function.is_self_contained:
        return None
    if _OF_THE_MACHINE.search("\n".join([*function.imports, function.code])):
        return None
    row = next(draft_rows(function, rank, seed, load_templates()), None)
    return row if row and review_by_rules(row).opinion is Opinion.GOOD else None


def _confirmed(problems: Sequence[OwnProblem], sandbox: Sandbox) -> set[str]:
    """The ids of those whose own solution passes and holds when its tests run apart from it."""
    if not problems:
        return set()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "problems.jsonl"
        write_rows(file, problems)
        task = load_humaneval(data_file=file)
    programs = ((each.task_id, task.program(each, task.reference(each))) for each in task.problems)
    return {task_id for task_id, outcome in sandbox.run(programs) if outcome.confirmation is Confirmation.HELD}


def _alike(rows: Mapping[str, Example], found: Mapping[str, OwnProblem], sandbox: Sandbox) -> set[str]:
    """Problems that do the same as an earlier one, and those whose tests a function that does not passes."""
    problems = [
        BenchmarkProblem(
            benchmark="own",
            task_id=key,
            text="",
            solution="",
            reference=row.output,
            entry_point=found[key].entry_point,
            tests=f"{found[key].test}\ncheck({found[key].entry_point})",
            required=required,
            accepted=accepted,
        )
        for key, row in rows.items()
        for required, accepted in [_shape(row)]
    ]
    owners = {row.example_id: key for key, row in rows.items()}
    leaks = behaviour_leaks(rows.values(), problems, sandbox, BehaviourCounts())
    passes = {(owners[leak.example_id], leak.task_id) for leak in leaks}
    order = list(rows)
    return {
        problem
        for solver, problem in passes
        if solver != problem and ((problem, solver) not in passes or order.index(solver) < order.index(problem))
    }


def _shape(row: Example) -> tuple[int, int]:
    """Positional arguments that its function has to have, and may have."""
    named = [each for each in candidates_of([row]) if each.name == row.function_name and each.code == row.output]
    return named[0].required, named[0].accepted
