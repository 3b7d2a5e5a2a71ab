"""What there is to know of a task before its rows are read: what `wavebench tasks` and `wavebench doctor` show."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tasks.benchmark import AnyTask
from tasks.data.resolve import locate
from tasks.errors import TaskError
from tasks.families import Family
from tasks.registry import benchmark, known_benchmark, load
from tasks.styles.style import load_styles
from tasks.styles.turns import turn_styles
from tasks.weak_tests import weak_tests


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """One line of the list of tasks."""

    name: str
    version: str
    rows: int
    """Of the whole data set."""
    styles: tuple[str, ...]
    """The default one first."""
    splits: tuple[str, ...]
    """The default one first."""
    licence: str
    source: str
    found: str
    """Where the rows lie on this machine; empty when only the hub could help."""
    weak_tests: tuple[str, ...] = ()
    """Problems whose tests confirm a generic wrong answer, see `tasks.weak_tests`."""


def facts(name: str, data_dir: Path | None = None) -> TaskFacts:
    """The facts of any task, which is loaded for them where its row leaves out data set or styles.

    Raises TaskError for an unknown name.
    """
    row = benchmark(name)
    if row.dataset is None or not row.styles:
        task = load(name, data_dir=data_dir)
        styles = tuple(load_styles(row.styles)) if row.styles else (task.style,)
        origin = task.origin
        return TaskFacts(
            name, task.version, len(task.problems), styles, row.splits, origin.licence, origin.source, "its package"
        )
    found = locate(row.dataset, data_dir)
    return TaskFacts(
        name=name,
        version=row.version,
        rows=row.dataset.rows,
        styles=tuple(turn_styles(row.styles, row.turns) if row.turns else load_styles(row.styles)),
        splits=row.splits,
        licence=row.dataset.licence,
        source=row.dataset.source,
        found=str(found) if found else "",
        weak_tests=tuple(weak_tests(row.dataset.name)),
    )


def known_unsound(name: str, fingerprint: str) -> Mapping[str, str]:
    """`Task.unsound` of the rows with that fingerprint, without reading them; may name problems of other languages.

    Empty for own rows and for tasks that are not known here.
    """
    row = known_benchmark(name)
    if row and row.dataset:
        return row.unsound() if row.dataset.fingerprint == fingerprint else {}
    task = _loaded(name)
    return task.unsound if task and task.fingerprint == fingerprint else {}


@cache
def family(name: str) -> Family | None:
    """`Task.family` without reading rows; None for tasks that are not known here."""
    row = known_benchmark(name)
    if row and (row.family or row.dataset):
        return row.family
    return getattr(_loaded(name), "family", None)


def _loaded(name: str) -> AnyTask | None:
    try:
        return load(name)
    except (TaskError, OSError):
        return None
