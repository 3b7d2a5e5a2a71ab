"""What there is to know of a task before its rows are read: what `wavebench tasks` and `wavebench doctor` show."""

from dataclasses import dataclass
from pathlib import Path

from tasks.data.catalogue import HUMANEVAL, MBPP, MBPP_SANITIZED
from tasks.data.dataset import DataSet
from tasks.data.resolve import locate
from tasks.registry import load
from tasks.styles.style import load_styles


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


def facts(name: str, data_dir: Path | None = None) -> TaskFacts:
    """The facts of any task; TaskError for an unknown name. Another package's task has to be loaded for them."""
    match name:
        case "humaneval":
            from tasks.humaneval import VERSION

            return _built_in(HUMANEVAL, VERSION, "humaneval", ("test",), data_dir)
        case "mbpp" | "mbpp-sanitized":
            from tasks.mbpp import SPLITS, VERSION

            dataset = MBPP if name == "mbpp" else MBPP_SANITIZED
            return _built_in(dataset, VERSION, "mbpp", tuple(SPLITS), data_dir)
        case _:
            task = load(name, data_dir=data_dir)
            origin = task.origin
            rows = len(task.problems)
            return TaskFacts(name, task.version, rows, (task.style,), (), origin.licence, origin.source, "its package")


def _built_in(
    dataset: DataSet, version: str, benchmark: str, splits: tuple[str, ...], data_dir: Path | None
) -> TaskFacts:
    found = locate(dataset, data_dir)
    return TaskFacts(
        name=dataset.name,
        version=version,
        rows=dataset.rows,
        styles=tuple(load_styles(benchmark)),
        splits=splits,
        licence=dataset.licence,
        source=dataset.source,
        found=str(found) if found else "",
    )
