"""The languages that programs may be written in: one row of languages.toml each, and no branch anywhere else.

Other packages may add rows. Only the host reads tables: what runs inside the walls is sent the rows that it needs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, cast

from sandbox.errors import WavebenchError
from sandbox.program import Limits

ENTRY_POINTS = "wavebench.languages"
"""Another package's languages: any name -> a folder of the package that holds languages.toml and sources/."""

_TABLE = Path(__file__).with_name("languages.toml")
SOURCES = Path(__file__).with_name("toolchains") / "sources"
"""What toolchains are built from: a folder per language, with a script `build.sh`."""

_OF_A_TOOLCHAIN = ("tools", "home", "debian_packages", "versions", "environment")
"""Fields that a row shares with the language whose toolchain it uses."""

Command = tuple[str, ...]


class UnknownLanguageError(WavebenchError):
    """No row of languages.toml has that name."""


@dataclass(frozen=True, slots=True)
class SplitCommands:
    """How candidate and tester of a `SplitSources` are compiled and run, each in a process of its own.

    Where a compile command is missing, the language's compile server is asked if it has one. Words are filled in as in
    the other commands; {build} is the folder that holds what was compiled.
    """

    candidate_main: str
    """The candidate's file that is compiled or started; the others only lie beside it."""
    tester_main: str
    candidate_run: Command
    """Finds descriptor 3 to read calls from, 4 to write answers to."""
    tester_run: Command
    """Finds descriptor 3 to read answers from, 4 to write calls to, 5 for its verdict.

    One that stays finds an order per sample on its stdin instead, one line of JSON: {"folder": where the files of its
    `tester_keeps` lie (without a compiler: all files of the tester), "in", "out", "verdict": paths to open in place of
    descriptors 3, 4 and 5}. It opens and closes all three and then writes one line to its stdout. What a sample wrote
    there before must not reach the next.
    """
    candidate_compile: tuple[Command, ...] = ()
    tester_compile: tuple[Command, ...] = ()
    tester_keeps: tuple[str, ...] = ("program",)
    """Patterns of the files that a compiled tester consists of."""
    tester_stays: bool = False
    """Whether one process serves the testers of many samples, because it takes long to start."""


@dataclass(frozen=True, slots=True)
class Language:
    """How programs of one language are compiled, run, and known to have reached their end."""

    name: str
    title: str
    """Its name in prose."""
    main_file: str
    """The file of a Program that is compiled or started."""
    toolchain: str = ""
    """The language whose toolchain it is built with; empty has one of its own name."""
    in_process: bool = False
    """Run by the fork server's own interpreter, without a command."""
    tools: tuple[str, ...] = ()
    """Commands it needs, looked for on the PATH."""
    home: Command = ()
    """Prints the folder where the tools really live; without it, the first tool's own installation."""
    debian_packages: tuple[str, ...] = ()
    versions: tuple[Command, ...] = ()
    """Commands whose first line of output names a version."""
    compile: tuple[Command, ...] = ()
    """Run one after another in the folder {build}, which holds the program's files; the first failure ends it."""
    compile_server: Command = ()
    """Takes sources on stdin and gives files of {build} on stdout; see `sandbox.compiled.compile_server`."""
    run: Command = ()
    """Started in a private work folder; {build} is read-only by then."""
    environment: Mapping[str, str] = field(default_factory=lambda: dict[str, str]())
    limits: Limits = field(default_factory=Limits)
    """What suits the runs of this language's benchmarks."""
    compile_limits: Limits = field(default_factory=Limits)
    """What its compiler may use, unless the Program says otherwise."""
    address_space_can_be_limited: bool = False
    """False where the run time maps far more than it uses: then only a control group can hold its memory."""
    prelude: str = ""
    """File whose text, at the very start of a program, is compiled beforehand."""
    prelude_options: Command = ()
    """What stands for {prelude} in a command when the program starts with that text."""
    proves_end: bool = True
    """False where nothing runs after a program's last line, so that its exit code is all that is known of its end."""
    evidence: str = ""
    """Pattern that stdout must hold for a program to have finished: that at least one test ran."""
    out_of_memory_words: tuple[str, ...] = ()
    """What the run time says on stderr when it refuses to use more memory."""
    split: SplitCommands | None = None
    """None where tests cannot run apart from the candidate."""
    right: str = ""
    """A tiny program that passes on a sound toolchain."""
    wrong: str = ""
    """A tiny program that fails on one."""

    @property
    def compiled(self) -> bool:
        """Whether there is a compiler to be run before the program."""
        return bool(self.compile or self.compile_server)

    @property
    def needs_toolchain(self) -> bool:
        return bool(self.tools)

    @property
    def toolchain_name(self) -> str:
        """The language that its toolchain is built and known as."""
        return self.toolchain or self.name

    @property
    def prelude_text(self) -> str:
        """What a program should start with to be compiled fast; empty where nothing helps."""
        return (sources_of(self.name) / self.prelude).read_text() if self.prelude else ""


@cache
def languages() -> Mapping[str, Language]:
    """Every language by name: those of the sandbox, then those of other packages, which replace none."""
    found: dict[str, Language] = {}
    for table, _ in _tables():
        found |= {name: row for name, row in _rows(table).items() if name not in found}
    return found


def language(name: str) -> Language:
    """One language. Raises UnknownLanguageError."""
    try:
        return languages()[name]
    except KeyError:
        known = ", ".join(languages())
        raise UnknownLanguageError(f"There is no language {name!r}; the sandbox knows {known}.") from None


def sources_of(name: str) -> Path:
    """The folder that a language's toolchain is built from. Raises UnknownLanguageError."""
    own = language(name).toolchain_name
    return next(sources / own for table, sources in _tables() if own in _rows(table))


def languages_of_their_own() -> Mapping[str, Language]:
    """Those that have a toolchain, or need none; the others are more ways to build with one of these."""
    return {name: row for name, row in languages().items() if not row.toolchain}


@cache
def _tables() -> tuple[tuple[Path, Path], ...]:
    """Each table of languages with the folder of their sources. Imports nothing of other packages."""
    # Here, because fork servers import this module, and every sample pays for what they hold.
    from importlib.util import find_spec

    from sandbox.extras import entry_points_of

    tables = [(_TABLE, SOURCES)]
    for point in entry_points_of(ENTRY_POINTS):
        package, *inner = point.value.split(".")
        spec = find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            raise WavebenchError(f"The languages {point.value} are not there: install their package again.")
        folder = Path(spec.submodule_search_locations[0], *inner)
        tables.append((folder / _TABLE.name, folder / SOURCES.name))
    return tuple(tables)


@cache
def _rows(table: Path) -> Mapping[str, Language]:
    import tomllib  # as above

    try:
        rows = tomllib.loads(table.read_text())
        return {name: language_from(name, _with_toolchain(row, rows)) for name, row in rows.items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise WavebenchError(f"{table} is no table of languages: {error}") from error


def _with_toolchain(row: Mapping[str, Any], rows: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """A row whose toolchain is another language's has what that row says of it, and need not say it again."""
    shared = rows.get(row.get("toolchain", ""), {})
    return {**{key: shared[key] for key in _OF_A_TOOLCHAIN if key in shared}, **row}


def language_from(name: str, row: Mapping[str, Any]) -> Language:
    """A Language from its row, as TOML or JSON hold it. Raises ValueError for a field that does not exist."""
    unknown = row.keys() - {each.name for each in fields(Language)}
    if unknown:
        raise ValueError(f"The language {name!r} has no field {min(unknown)!r}.")
    values: dict[str, Any] = {key: _frozen(key, value) for key, value in row.items()}
    values["name"] = name
    return Language(**values)


def fill(word: str, values: Mapping[str, str]) -> str:
    """`word` with every {name} of `values` replaced; other braces stay."""
    for name, value in values.items():
        word = word.replace(f"{{{name}}}", value)
    return word


def _frozen(key: str, value: Any) -> Any:
    if key in ("limits", "compile_limits"):
        return Limits(**value)
    if key == "split":
        return value and SplitCommands(**{name: _frozen("", item) for name, item in value.items()})
    if isinstance(value, list | tuple):
        return tuple(_frozen("", item) for item in cast("list[Any]", value))
    return value
