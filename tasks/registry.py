"""Every task by name: wavebench's own and those of other packages."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from sandbox.extras import entry_points_of
from tasks.benchmark import AnyTask, Benchmark
from tasks.codeeval_pro.benchmark import BENCHMARKS as CODEEVAL_PRO
from tasks.entry_points import TASKS
from tasks.errors import DataError, TaskError, unknown
from tasks.evalplus.benchmark import BENCHMARKS as EVALPLUS
from tasks.humaneval.benchmark import BENCHMARKS as HUMANEVAL
from tasks.humanevalpack.benchmark import BENCHMARKS as HUMANEVALPACK
from tasks.humanevalpack.benchmark import TRANSLATIONS
from tasks.mbpp.benchmark import BENCHMARKS as MBPP

_OWN: Mapping[str, Benchmark] = {
    each.name: each for each in (*HUMANEVAL, *MBPP, *EVALPLUS, *CODEEVAL_PRO, *HUMANEVALPACK, *TRANSLATIONS)
}


def names() -> tuple[str, ...]:
    """Every task: the built-in ones, then those of other packages."""
    return (*_OWN, *(point.name for point in entry_points_of(TASKS) if point.name not in _OWN))


@cache
def benchmark(name: str) -> Benchmark:
    """What is known of a task before its rows are read. TaskError for a name that is no task's."""
    if name in _OWN:
        return _OWN[name]
    for point in entry_points_of(TASKS):
        if point.name != name:
            continue
        try:
            loaded = point.load()
        except Exception as error:  # whatever another package's import may raise
            raise TaskError(f"The task {point.name!r} of {point.value} cannot be imported: {error!r}.") from error
        return replace(loaded, name=name) if isinstance(loaded, Benchmark) else Benchmark(name, load=loaded)
    if members := groups().get(name):
        raise TaskError(f"{name!r} is a family of tasks: name one of {', '.join(members)}.")
    raise unknown("task", name, names())


def known_benchmark(name: str) -> Benchmark | None:
    """The same for a name that an old run may have; None where no task has it here."""
    try:
        return benchmark(name)
    except TaskError:
        return None


def expand(name: str) -> tuple[str, ...]:
    """The tasks that a name stands for: a group such as `humanevalpack-fix` for six, a task for itself.

    TaskError for a name that is neither.
    """
    if name in names():
        return (name,)
    if name not in groups():
        raise unknown("task", name, (*names(), *groups()))
    return groups()[name]


def load(
    name: str,
    style: str | None = None,
    data_dir: Path | None = None,
    *,
    split: str | None = None,
    data_file: Path | None = None,
) -> AnyTask:
    """The task in a prompt style, its rows found and checked.

    `style` and `split` None take the task's own default. `data_file` holds own problems in the benchmark's format
    instead of its known rows. TaskError for an unknown name, DataError for missing or altered rows, and for rows of
    one's own that cannot be scored.
    """
    row = benchmark(name)
    if split is not None and row.splits and split not in row.splits:
        raise unknown(f"split of {name}", split, row.splits)
    task = row.load(style, data_dir, split, data_file)
    ids = [problem.task_id for problem in task.problems]
    if len(set(ids)) < len(ids):
        repeated = next(task_id for task_id, times in Counter(ids).items() if times > 1)
        raise DataError(f"The task {name!r} has the problem {repeated!r} twice: give each problem an id of its own.")
    return task


@cache
def groups() -> Mapping[str, tuple[str, ...]]:
    """Tasks by the name of their group; a package whose tasks cannot be imported has none."""
    found: dict[str, tuple[str, ...]] = {}
    for row in filter(None, map(known_benchmark, names())):
        if row.group:
            found[row.group] = (*found.get(row.group, ()), row.name)
    return found
