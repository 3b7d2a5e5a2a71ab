"""One task as a row of data: all that is known of it before its rows are read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from tasks.data.dataset import DataSet
from tasks.families import Family
from tasks.task import Task

AnyTask: TypeAlias = Task[Any]
Loader: TypeAlias = Callable[[str | None, Path | None, str | None, Path | None], AnyTask]
"""Takes style, data folder, split and a file of own problems, each None for the default; imports what it needs only
when it is called, so that a list of tasks stays quick."""


def no_notes() -> Mapping[str, str]:
    """For tasks without problems that are known to be unsound."""
    return {}


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A task by name. Nothing elsewhere tests a task's name: what differs between tasks is a field here."""

    name: str
    load: Loader
    version: str = ""
    """That of the loaded task; empty where only the loaded task knows."""
    dataset: DataSet | None = None
    """The rows that it reads; None where the task brings its own."""
    family: Family | None = None
    """The tasks that share its problems, see `Task.family`."""
    group: str = ""
    """A name that stands for this task and others, which differ in their language alone."""
    listed_under: str = ""
    """The line on which a list of tasks names it beside others; empty for its group's line, or one of its own."""
    styles: str = ""
    """Name of the TOML file with its prompt styles, without the ending."""
    turns: tuple[str, ...] = ()
    """Names of a sample's turns, where a style may word each of them differently."""
    splits: tuple[str, ...] = ()
    """The default one first; empty where the task itself checks the name of a split."""
    published: tuple[str, str] | None = None
    """Benchmark and language under which others print scores of it; None where nobody does."""
    solution: str = "canonical_solution"
    """Column that holds a row's right solution."""
    shows_bug: bool = True
    """Whether a model is shown the bug that a row names: HumanEvalPack's rows name it in every scenario, but only the
    Fix tasks show it."""
    unsound: Callable[[], Mapping[str, str]] = no_notes
    """`Task.unsound` of the known rows; may name problems of other languages."""

    @property
    def hub(self) -> tuple[str, str] | None:
        """Repository and subset of its rows on the Hugging Face hub; None where they are not there."""
        hub = self.dataset.hub if self.dataset else None
        return (hub.repository, hub.subset) if hub else None
