"""What a result means: the judgement over an Outcome."""

from dataclasses import dataclass
from enum import StrEnum

from sandbox.outcome import Assertion


class Verdict(StrEnum):
    """The judgement over one sample."""

    PASSED = "passed"
    """Every test of the benchmark held, and the program reached its end."""
    WRONG = "wrong"
    """A test did not hold, or the program left early."""
    ERROR = "error"
    """The program raised, crashed or wrote without end."""
    TIMEOUT = "timeout"
    """It used up its CPU seconds, or its wall seconds also when run alone."""
    OUT_OF_MEMORY = "out of memory"
    """It used up its memory."""
    NOT_COMPILED = "not compiled"
    """Its code does not parse or compile."""
    NO_CODE = "no code"
    """The completion holds no code to run."""
    FORGED = "forged"
    """It passed in one process with its tests, but not when they ran in another."""
    NOT_JUDGED = "not judged"
    """The environment's fault; never counted as a failure of the model."""

    @property
    def passes_upstream(self) -> bool:
        """Whether the benchmark's own protocol calls it a pass: it cannot tell a forged one."""
        return self in (Verdict.PASSED, Verdict.FORGED)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict and the one line that explains it."""

    verdict: Verdict
    detail: str = ""
    """The last line of the error, the failed assertion, the wall that failed."""
    confirmed: bool | None = None
    """For passes: whether the tests also held in a process of their own; None where that could not be checked."""
    base: bool | None = None
    """For benchmarks that add tests to those of another: whether these alone held. None for all others."""
    failing: Assertion | None = None
    """The first test that did not hold, where the outcome's own assertions do not tell it."""
    tests: int | None = None
    """How many there are, likewise."""
    tests_held: int | None = None
    """How many of them held."""
