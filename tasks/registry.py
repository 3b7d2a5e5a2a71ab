"""Every task by name."""

from collections import Counter
from collections.abc import Callable, Sequence
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, TypeAlias, cast

from tasks.errors import DataError, TaskError, unknown
from tasks.humanevalpack.names import FAMILIES, TASKS, parts
from tasks.task import Task

ENTRY_POINTS = "wavebench.tasks"
"""Outsiders register a function (style, data_dir, split, data_file) -> Task under their task's name."""

AnyTask: TypeAlias = Task[Any]
Loader: TypeAlias = Callable[[str | None, Path | None, str | None, Path | None], AnyTask]

_BUILT_IN = ("humaneval", "mbpp", "mbpp-sanitized", *TASKS)


def names() -> tuple[str, ...]:
    """Every task: the built-in ones, then those of other packages."""
    return (*_BUILT_IN, *sorted(point.name for point in _outsiders() if point.name not in _BUILT_IN))


def expand(name: str) -> tuple[str, ...]:
    """The tasks that a name stands for: a family such as `humanevalpack-fix` for six, a task for itself.

    TaskError for a name that is neither.
    """
    if name in FAMILIES:
        return FAMILIES[name]
    if name not in names():
        raise unknown("task", name, (*names(), *FAMILIES))
    return (name,)


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
    task = _load(name, style, data_dir, split, data_file)
    ids = [problem.task_id for problem in task.problems]
    if len(set(ids)) < len(ids):
        repeated = next(task_id for task_id, times in Counter(ids).items() if times > 1)
        raise DataError(f"The task {name!r} has the problem {repeated!r} twice: give each problem an id of its own.")
    return task


def _load(name: str, style: str | None, data_dir: Path | None, split: str | None, data_file: Path | None) -> AnyTask:
    match name:
        case "humaneval":
            from tasks.humaneval import load_humaneval

            _refuse_other_splits(name, split)
            return load_humaneval(style, data_dir, data_file)
        case "mbpp":
            from tasks.mbpp import load_mbpp

            return load_mbpp(style, data_dir, split, data_file)
        case "mbpp-sanitized":
            from tasks.mbpp import load_mbpp_sanitized

            return load_mbpp_sanitized(style, data_dir, split, data_file)
        case _ if name in TASKS:
            from tasks.humanevalpack.task import load_humanevalpack

            _refuse_other_splits(name, split)
            return load_humanevalpack(*parts(name), style, data_dir, data_file)
        case _:
            return _outside(name)(style, data_dir, split, data_file)


def _refuse_other_splits(name: str, split: str | None) -> None:
    if split not in (None, "test"):
        raise unknown(f"split of {name}", split, ("test",))


def _outside(name: str) -> Loader:
    for point in _outsiders():
        if point.name == name:
            return cast(Loader, point.load())
    if name in FAMILIES:
        raise TaskError(f"{name!r} is a family of tasks: name one of {', '.join(FAMILIES[name])}.")
    raise unknown("task", name, names())


def _outsiders() -> Sequence[EntryPoint]:
    return tuple(entry_points(group=ENTRY_POINTS))
