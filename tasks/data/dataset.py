"""One data set as a row of data: what its rows look like and where they may be found."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from tasks.data.fault import Flaw

Value: TypeAlias = str | int | list[str]
"""What a column holds."""
Row: TypeAlias = Mapping[str, Value]
"""One canonical row: exactly the columns of its data set."""


@dataclass(frozen=True, slots=True)
class RequiredColumn:
    """A column that a task reads; every other column of a file is ignored."""

    name: str
    aliases: tuple[str, ...] = ()
    """Other names under which copies of the data carry it."""
    default: Value | None = None
    """Stands where a copy leaves the column out or null; None means it must be there."""
    texts: bool = False
    """Holds a list of texts; one text stands for a list of one."""
    json: bool = False
    """Holds any value of JSON, which is kept as its text."""
    remark: bool = False
    """Only says what kind of problem a row is: moves no prompt and no verdict, and is no part of the fingerprint."""


@dataclass(frozen=True, slots=True)
class HubFiles:
    """Where the data set lies on the Hugging Face hub."""

    repository: str
    revision: str
    """Commit that is fetched. Whatever is fetched must still have the known fingerprint."""
    files: tuple[str, ...]
    """Together they hold all rows."""
    subset: str = ""
    """What the hub calls this part of the repository (its config)."""


@dataclass(frozen=True, slots=True)
class PackageFile:
    """Where the data set lies inside an installed package, which is never imported."""

    package: str
    file: str


def no_flaws(row: Row) -> Iterable[Flaw]:  # noqa: ARG001 (the shape of a rule)
    """For rows that nothing more is known about than their columns."""
    return ()


@dataclass(frozen=True, slots=True)
class DataSet:
    """A benchmark's rows and all that is known about them."""

    name: str
    columns: tuple[RequiredColumn, ...]
    """The first one holds the id."""
    rows: int
    fingerprint: str
    """`tasks.data.canonical.fingerprint` of the known rows."""
    files: tuple[tuple[str, ...], ...]
    """File names below a data folder; each alternative holds all rows, the first that is there is read."""
    licence: str
    source: str
    citation: str
    hub: HubFiles | None = None
    url: str = ""
    """Where a file of all rows is fetched from, for data that the hub does not hold."""
    user_cache: str = ""
    """Where the benchmark's own tool keeps its rows, below the user's cache folder."""
    package: PackageFile | None = None
    flaws: Callable[[Row], Iterable[Flaw]] = no_flaws
    """What keeps a row of a user's own problems from being scored, its columns being there."""

    @property
    def remarks(self) -> frozenset[str]:
        """Names of the columns that are remarks."""
        return frozenset(column.name for column in self.columns if column.remark)
