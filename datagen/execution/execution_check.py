"""Adds the execution result to each row: authors' doctests for the rules teacher, a teacher's own asserts otherwise."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from datagen.execution.asserts import count_asserts
from datagen.execution.doctests import LIMITS, count_examples, doctest_program, is_runnable
from datagen.execution.run_programs import Ran, run_all
from datagen.rows.example import RULES, Example, Execution, Fact, TaskType
from datagen.rows.raw_function import RawFunction
from sandbox.program import Program
from sandbox.sandbox import Sandbox

Runner = Callable[[Sequence[Program]], Mapping[str, Ran]]


@dataclass(frozen=True, slots=True)
class ExecutionPrograms:
    """The programs that decide a row."""

    right: Program
    """Has to pass."""
    faulty: Program | None
    """Has to fail; repair only."""
    uncounted: Program | None
    """Of a teacher's own asserts, `right` without the count: where this passes and `right` does not, none ran."""
    context: str
    examples: int


def check_rows(rows: Sequence[Example], functions: Mapping[str, RawFunction], runner: Runner) -> Iterator[Example]:
    """Each row with its execution, in order. Right versions run first; faulty ones only where the right one passes."""
    checks = [programs_of(row, functions) for row in rows]
    ran = runner([check.right for check in checks if check])
    passed = [check for check in checks if check and ran[check.right.sha256] is Ran.PASSED]
    ran = {**ran, **runner([check.faulty for check in passed if check.faulty])}
    failed = [check for check in checks if check and ran[check.right.sha256] is Ran.FAILED]
    ran = {**ran, **runner([check.uncounted for check in failed if check.uncounted])}
    for row, check in zip(rows, checks, strict=True):
        yield row if check is None else replace(row, execution=_conclude(row, check, ran))


def programs_of(row: Example, functions: Mapping[str, RawFunction]) -> ExecutionPrograms | None:
    """The programs that decide a row; None when it has nothing to run."""
    if row.language != "python" or row.task in (TaskType.SUMMARIZATION, TaskType.TRANSLATION):
        return None
    is_repair = row.task is TaskType.REPAIR
    if row.teacher == RULES:
        function = functions[row.function_id]
        if not is_runnable(function):
            return None
        if row.task is TaskType.GENERATION:  # what is taught has to run as it stands in the row
            alone = doctest_program(replace(function, module="", code=row.output))
            return ExecutionPrograms(alone, None, None, "alone", count_examples(function.docstring))
        faulty = doctest_program(function, row.input) if is_repair else None
        context = "module" if function.module else "alone"
        examples = count_examples(function.docstring)
        return ExecutionPrograms(doctest_program(function), faulty, None, context, examples)
    tests = count_asserts(row.tests)
    if not tests.asserts:
        return None
    return ExecutionPrograms(
        right=_with_tests(row.output, tests.counted),
        faulty=_with_tests(row.input, tests.counted) if is_repair else None,
        uncounted=_with_tests(row.output, tests.plain),
        context="alone",
        examples=tests.asserts,
    )


def _with_tests(code: str, tests: str) -> Program:
    return Program("python", {"main.py": f"{code}\n\n{tests}\n"}, limits=LIMITS)


def _conclude(row: Example, check: ExecutionPrograms, ran: Mapping[str, Ran]) -> Execution:
    # The details stand in published rows: rewording one would change the fingerprints of data sets.
    right = ran[check.right.sha256]
    if right is Ran.NOT_JUDGED:
        return Execution(Fact.NOT_JUDGED, "the sandbox could not run it", check.context, check.examples)
    if right is Ran.FAILED and check.uncounted and ran[check.uncounted.sha256] is Ran.PASSED:
        return Execution(Fact.NOTHING_TO_RUN, "none of the asserts ran", check.context, check.examples)
    if right is Ran.FAILED:
        # The author's own version is right by definition: its examples then need more than the sandbox has.
        if row.teacher == RULES:
            return Execution(
                Fact.NOT_JUDGED, "the examples need more than the sandbox has", check.context, check.examples
            )
        return Execution(Fact.REFUTED, "the solution fails the teacher's own asserts", check.context, check.examples)
    if check.faulty is None:
        return Execution(Fact.PROVEN, "the solution passes", check.context, check.examples)
    match ran[check.faulty.sha256]:
        case Ran.FAILED:
            return Execution(
                Fact.PROVEN, "the faulty version fails, the mended one passes", check.context, check.examples
            )
        case Ran.PASSED:
            return Execution(Fact.REFUTED, "the faulty version passes too", check.context, check.examples)
        case Ran.NOT_JUDGED:
            return Execution(Fact.NOT_JUDGED, "the sandbox could not run it", check.context, check.examples)


def sandbox_runner(
    log: Path,
    sandbox: Sandbox,
    progress: Callable[[int], None] = lambda programs: None,  # noqa: ARG005
) -> Runner:
    """A runner over an open sandbox that keeps its results in `log`."""
    return lambda programs: run_all(programs, log, sandbox, progress)
