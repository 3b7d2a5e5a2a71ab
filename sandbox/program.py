"""What runs: a program's language, its files, its stdin and its limits. Nothing else decides."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

LEAST_MEMORY_MB = 32
"""Below it no program should be run: Java's run time does not start, and the isolation of samples needs some MB too."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one run may use before it is stopped."""

    cpu_seconds: float = 10.0
    """CPU time of the program and everything it starts; other processes cannot eat it."""
    wall_seconds: float = 60.0
    """Backstop against sleepers only; whatever hits it is run once more alone."""
    memory_mb: int = 1024
    """Resident memory, private tmpfs included."""
    output_kb: int = 16 * 1024
    """Bytes a program may write to stdout and stderr together; the first 64 KiB of each are captured."""
    processes: int = 64
    """Processes and threads alive at once."""
    disk_mb: int = 16
    """Size of the private work folder."""


@dataclass(frozen=True, slots=True)
class SplitTests:
    """The same tests, worded so that they can run in a process that never holds the candidate's code."""

    candidate: str
    """The program without its tests."""
    helpers: str
    """Trusted code that the tests build on, such as the benchmark's own prompt."""
    tests: str
    names: tuple[str, ...]
    """Functions of the candidate that the tests call."""
    replaced: tuple[str, ...] = ()
    """Names that `helpers` define, the tests use and the candidate defines in its own way: beside the candidate the
    tests use its own, so that what they refute here may hold there."""
    call_cpu_seconds: float = 0.0
    """How much a single call of the candidate may use; three times as much by the clock. 0: only the program's limits
    hold."""


@dataclass(frozen=True, slots=True)
class SplitSources:
    """The same tests in files of their own, for a process that never holds the candidate, and the candidate's files
    without them. For languages with commands: see `SplitCommands` in `sandbox.languages`."""

    candidate: Mapping[str, str]
    """Source text by file name: the candidate and its generated server, which answers calls."""
    tester: Mapping[str, str]
    """Trusted: the tests, and stand-ins that ask the candidate. The same text for all samples of a problem, so that it
    is compiled once and kept by its digest."""
    unsound: bool = False
    """The problem's own reference fails at times: what is refuted accuses nobody."""

    @property
    def tests(self) -> str:
        """What tells apart the tests of two problems: their digest."""
        import hashlib  # as below

        return hashlib.sha256(_ENCODER.encode(dict(self.tester)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Program:
    """One whole program, ready to run. Two equal programs are expected to end alike."""

    language: str
    """A row of `sandbox.languages`, such as "python"."""
    files: Mapping[str, str]
    """Source text by file name; the language's row says which of them is started."""
    stdin: str = ""
    limits: Limits = field(default_factory=Limits)
    compile_limits: Limits | None = None
    """Limits of the compiler, for languages that have one; None takes the language's own."""

    split: SplitTests | SplitSources | None = None
    """Given, the tests first run in a process without the candidate, then the whole program as ever."""
    split_alone: bool = False
    """The whole program does not run: the split tests alone decide."""

    @property
    def tests_key(self) -> str:
        """What the samples of one problem have in common: their split tests, or a digest of them; empty without."""
        return self.split.tests if self.split else ""

    @property
    def sha256(self) -> str:
        """Identity of what runs and how long it may: the key of the execution cache."""
        split = fields_of(self.split)
        if split and not split.get("replaced", True):
            del split["replaced"]  # empty in nearly all programs, whose identity is older than the field
        if split and not split.get("call_cpu_seconds", True):
            del split["call_cpu_seconds"]  # likewise
        import hashlib  # here, because fork servers import this module and every sample pays for what they hold

        facts: dict[str, object] = {
            "language": self.language,
            "files": dict(self.files),
            "stdin": self.stdin,
            "limits": fields_of(self.limits),
            "compile_limits": fields_of(self.compile_limits),
            "apart": split,
        }
        if self.split_alone:
            facts["alone"] = True  # only then: the identity of all other programs is older than the field
        return hashlib.sha256(_ENCODER.encode(facts).encode()).hexdigest()


def fields_of(part: Limits | SplitTests | SplitSources | None) -> dict[str, object] | None:
    """As `dataclasses.asdict`, which takes as long as all the rest of judging a known program."""
    return {name: getattr(part, name) for name in part.__slots__} if part else None


_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=True)
