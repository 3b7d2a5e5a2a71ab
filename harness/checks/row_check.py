"""Checks a file of a user's own problems: each row by itself, then the rows' own solutions in the sandbox."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from harness.files.progress import progress_bar
from sandbox.errors import SandboxError
from sandbox.launch import open_sandbox
from sandbox.outcome import Tier
from sandbox.program import Program
from tasks.data.fault import Fault, shortened
from tasks.data.files import read_rows
from tasks.data.own.formats import formats_of
from tasks.data.own.rows import find_faults
from tasks.errors import DataError
from tasks.judgement import UNCONFIRMED
from tasks.registry import benchmark, load
from tasks.task import Problem, Task, WithBugs
from tasks.task_ids import canonical_task_id
from tasks.verdict import Judgement, Verdict

RawRow = Mapping[str, Any]
NAMED_IDS = 5
_BUGGY = "buggy_solution"


@dataclass(slots=True)
class RowCheck:
    """What was found in one file. Counts are of rows."""

    file: str
    task: str
    rows: int
    faults: list[Fault]
    passed: int = 0
    """Rows without a fault whose solution passes its tests."""
    without_solution: int = 0
    """Rows without a fault that hold no solution to run."""
    not_judged: dict[str, list[str]] = field(default_factory=lambda: dict[str, list[str]]())
    """Task ids whose solution the environment could not run, such as for a missing toolchain, by the reason."""
    unconfirmed: dict[str, list[str]] = field(default_factory=lambda: dict[str, list[str]]())
    """Task ids whose solution passes but cannot be confirmed, by the reason: nor can any answer to them."""

    @property
    def faulty(self) -> int:
        return len({fault.row for fault in self.faults})


@dataclass(frozen=True, slots=True)
class _Solution:
    """One solution of a row, as the program that holds it against the row's tests."""

    row: int
    problem: Problem
    column: str
    value: str
    program: Program

    @property
    def task_id(self) -> str:
        return self.problem.task_id

    def fault(self, what: str, remedy: str) -> Fault:
        return Fault(self.row, self.task_id, self.column, self.value, what, remedy)


def check_file(file: Path, task: str | None, tier: Tier, workers: int | None) -> RowCheck:
    """Checks every row. Without `task`, the columns say which format the rows are in.

    Raises DataError for a file that cannot be read or whose format is not known, TaskError for an unknown task.
    """
    if not file.is_file():
        raise DataError(f"{str(file)!r} is no file: name a file of problems, one JSON object per line.")
    raw_rows = list(read_rows(file))
    if not raw_rows:
        raise DataError(f"{str(file)!r} holds no rows: it should hold problems, one JSON object per line.")
    name = task
    if not name:  # that of the first row whose format is known
        formats = next((known for raw in raw_rows if (known := formats_of(raw))), ())
        if len(formats) != 1:
            usual = "humaneval, mbpp, mbpp-sanitized or one of humanevalpack's"
            choice = ", ".join(each.task for each in formats) or usual
            raise DataError(
                f"The columns of {str(file)!r} do not say which task its rows are for: add --task ({choice})."
            )
        name = formats[0].task
    dataset = benchmark(name).dataset
    found = RowCheck(str(file), name, len(raw_rows), find_faults(dataset, raw_rows) if dataset else [])
    faulty = {fault.row for fault in found.faults}
    sound = {number: raw for number, raw in enumerate(raw_rows, start=1) if number not in faulty}
    if sound:
        with tempfile.TemporaryDirectory() as folder:  # the task over these rows alone
            rows = Path(folder) / "rows.jsonl"
            rows.write_text("".join(json.dumps(row, default=str) + "\n" for row in sound.values()), encoding="utf-8")
            loaded = load(name, data_file=rows)
        _run_solutions(found, loaded, sound, tier, workers)
        found.faults.sort(key=lambda fault: fault.row)
    return found


def row_check_text(found: RowCheck) -> str:
    """A line per fault, what could not be judged or confirmed, and a summary."""
    lines = [str(fault) for fault in found.faults]
    lines += [f"not judged: {_some(ids)}: {reason}" for reason, ids in found.not_judged.items()]
    lines += [f"passes, but cannot be confirmed: {_some(ids)}: {reason}" for reason, ids in found.unconfirmed.items()]
    not_judged = sum(map(len, found.not_judged.values()))
    counts = [f"{found.faulty} with faults", f"{found.passed} whose solution passes"]
    counts += [f"{found.without_solution} without a solution to run"] if found.without_solution else []
    counts += [f"{not_judged} whose solution could not be judged here"] if not_judged else []
    return "\n".join([*lines, f"{found.file} as {found.task}: {found.rows} rows: {', '.join(counts)}."])


def row_check_json(found: RowCheck) -> str:
    """The same as one JSON object."""
    return json.dumps({**asdict(found), "faulty": found.faulty, "ok": not found.faults}, indent=2)


def _run_solutions(
    found: RowCheck, task: Task[Any], raw_rows: Mapping[int, RawRow], tier: Tier, workers: int | None
) -> None:
    """Adds what the rows' own solutions, right and buggy ones, say of the rows' tests."""
    known = {problem.task_id: problem for problem in task.problems}
    column = benchmark(found.task).solution
    solutions: list[_Solution] = []
    for number, raw in raw_rows.items():
        problem = known[canonical_task_id(raw["task_id"], known)]
        if str(raw.get(column, "")).strip():
            program = task.program(problem, task.reference(problem))
            solutions.append(_Solution(number, problem, column, shortened(raw[column]), program))
        if isinstance(task, WithBugs):
            program = task.program(problem, task.buggy(problem))
            solutions.append(_Solution(number, problem, _BUGGY, shortened(raw[_BUGGY]), program))
    waiting = {solution.task_id: None for solution in solutions}
    found.without_solution = len(task.problems) - len(waiting)
    try:
        with open_sandbox(tier, workers) as sandbox, progress_bar(f"Checking {found.task}", len(solutions)) as advance:
            for solution, outcome in sandbox.run((solution, solution.program) for solution in solutions):
                _count(found, solution, task.verdict(solution.problem, outcome))
                waiting.pop(solution.task_id, None)
                advance()
    except SandboxError as error:  # no fault of the rows: what is left is not judged
        found.not_judged.setdefault(str(error), []).extend(waiting)


def _count(found: RowCheck, solution: _Solution, judgement: Judgement) -> None:
    task_id, passed = solution.task_id, judgement.verdict is Verdict.PASSED
    if judgement.verdict is Verdict.NOT_JUDGED:
        ids = found.not_judged.setdefault(judgement.detail or "the sandbox failed", [])
        ids.extend(() if task_id in ids else (task_id,))
    elif solution.column == _BUGGY:
        if judgement.verdict.passes_upstream:
            found.faults.append(solution.fault("passes the tests", "add a test that it fails"))
    elif not passed:
        why = f"{judgement.verdict}: {judgement.detail}" if judgement.detail else f"{judgement.verdict}"
        found.faults.append(solution.fault(f"does not pass its own tests ({why})", "correct the solution or the tests"))
    else:
        found.passed += 1
        if judgement.detail.startswith(UNCONFIRMED):
            found.unconfirmed.setdefault(judgement.detail.removeprefix(UNCONFIRMED), []).append(task_id)


def _some(ids: Sequence[str]) -> str:
    more = len(ids) - NAMED_IDS
    return f"{', '.join(ids[:NAMED_IDS])}{f' and {more} more' if more > 0 else ''}"
