"""What there is to know of a task before its rows are read: what `wavebench tasks` and `wavebench doctor` show."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tasks import families
from tasks.data.catalogue import HUMANEVAL, HUMANEVALPACK, MBPP, MBPP_SANITIZED
from tasks.data.dataset import DataSet
from tasks.data.resolve import locate
from tasks.errors import TaskError
from tasks.families import Family
from tasks.humanevalpack import notes
from tasks.humanevalpack.names import BENCHMARK, TASKS, parts
from tasks.registry import load
from tasks.styles.style import load_styles
from tasks.styles.turns import turn_styles


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

            return _built_in(name, HUMANEVAL, VERSION, tuple(load_styles("humaneval")), ("test",), data_dir)
        case "mbpp" | "mbpp-sanitized":
            from tasks.mbpp import SPLITS, VERSION

            dataset = MBPP if name == "mbpp" else MBPP_SANITIZED
            return _built_in(name, dataset, VERSION, tuple(load_styles("mbpp")), tuple(SPLITS), data_dir)
        case _ if name in TASKS:
            from tasks.humanevalpack.scenario import SCENARIOS
            from tasks.humanevalpack.task import VERSION

            scenario, code = parts(name)
            styles = tuple(turn_styles(BENCHMARK, SCENARIOS[scenario].turn_names))
            return _built_in(name, HUMANEVALPACK[code], VERSION, styles, ("test",), data_dir)
        case _:
            task = load(name, data_dir=data_dir)
            origin = task.origin
            rows = len(task.problems)
            return TaskFacts(name, task.version, rows, (task.style,), (), origin.licence, origin.source, "its package")


def known_unsound(name: str, fingerprint: str) -> Mapping[str, str]:
    """`Task.unsound` of the rows with that fingerprint, without reading them; may name problems of other languages.

    Empty for own rows and for tasks that are not known here.
    """
    match name:
        case "humaneval" | "mbpp" | "mbpp-sanitized":
            return {}
        case _ if name in TASKS:
            return notes.unsound() if HUMANEVALPACK[parts(name)[1]].fingerprint == fingerprint else {}
        case _:
            return _unsound_outside(name, fingerprint)


@cache
def family(name: str) -> Family | None:
    """`Task.family` without reading rows; None for tasks that are not known here."""
    match name:
        case "mbpp" | "mbpp-sanitized":
            return families.MBPP
        case _ if name == "humaneval" or name in TASKS:
            return families.HUMANEVAL
        case _:
            return _family_outside(name)


def _family_outside(name: str) -> Family | None:
    try:
        return getattr(load(name), "family", None)
    except (TaskError, OSError):
        return None


def _unsound_outside(name: str, fingerprint: str) -> Mapping[str, str]:
    try:
        task = load(name)
    except (TaskError, OSError):
        return {}
    return task.unsound if task.fingerprint == fingerprint else {}


def _built_in(
    name: str,
    dataset: DataSet,
    version: str,
    styles: tuple[str, ...],
    splits: tuple[str, ...],
    data_dir: Path | None,
) -> TaskFacts:
    found = locate(dataset, data_dir)
    return TaskFacts(
        name=name,
        version=version,
        rows=dataset.rows,
        styles=styles,
        splits=splits,
        licence=dataset.licence,
        source=dataset.source,
        found=str(found) if found else "",
    )
