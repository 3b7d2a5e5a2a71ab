"""What happened: the facts of one run, without judgement."""

from dataclasses import dataclass
from enum import StrEnum


class Ending(StrEnum):
    """How a run ended. Exactly one holds."""

    EXITED = "exited"
    """The program ended by itself, with `exit_code`."""
    SIGNALLED = "signalled"
    """A signal that was not ours ended it (a crash, an abort)."""
    CPU_LIMIT = "cpu limit"
    """It used up its CPU seconds."""
    WALL_LIMIT = "wall limit"
    """It used up its wall seconds, also when run alone."""
    OUT_OF_MEMORY = "out of memory"
    """The kernel stopped it at its memory limit."""
    OUTPUT_LIMIT = "output limit"
    """It wrote more than it may."""
    NOT_COMPILED = "not compiled"
    """The compiler refused it; `stderr` holds the compiler's words."""
    SANDBOX_FAILED = "sandbox failed"
    """A wall or a toolchain failed, not the program; `detail` says which. Says nothing about the program."""


class Confirmation(StrEnum):
    """What the tests found when they ran in a process without the candidate."""

    HELD = "held"
    """Every test held, reached by plain values alone."""
    REFUTED = "refuted"
    """A test did not hold."""
    INEXPRESSIBLE = "inexpressible"
    """The tests need what plain values cannot carry; `confirmation_detail` says what."""


NO_TESTER = "apart from its tests: "
"""How `Outcome.confirmation_detail` of an inexpressible confirmation begins where servers failed, not the candidate."""


@dataclass(frozen=True, slots=True)
class Assertion:
    """What one assertion of the tests found. Texts are bounded."""

    number: int
    held: bool
    call: str = ""
    """The last call of the candidate before it, such as "f(1, 2)"; empty where the tests do not tell it."""
    expected: str = ""
    got: str = ""


class Tier(StrEnum):
    """How strongly a program was isolated."""

    NAMESPACES = "namespaces"
    """Own pid and mount namespace, private tmpfs, no capabilities, seccomp, limits, no network."""
    DOCKER = "docker"
    """The same, inside a hardened container."""
    NONE = "none"
    """A plain child process with rlimits. Only for code that you trust."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Facts of one run. `tasks` turns them into a Verdict."""

    ending: Ending
    finished: bool
    """Completion proof: the harness's own line after the program's last line was reached.
    An exit code of 0 without it is an early exit, never a pass."""
    exit_code: int | None
    signal: int | None
    cpu_seconds: float
    wall_seconds: float
    memory_mb: float
    """Peak; 0 where nothing could measure it."""
    stdout: str
    stderr: str
    """Each bounded to its first 64 KiB, undecodable bytes replaced."""
    tier: Tier
    detail: str = ""
    """One sentence where the ending needs one, such as the wall that failed."""
    confirmation: Confirmation | None = None
    """Set where the program has split tests."""
    confirmation_detail: str = ""
    assertions: tuple[Assertion, ...] = ()
    """Those of the split tests, in their order and as far as these tell; at most 1,000."""
    split_alone: bool = False
    """The whole program did not run: ending, `finished` and exit code are those of its split tests."""
    node: str = ""
    """Which machine of a cluster ran it; empty for this one."""
