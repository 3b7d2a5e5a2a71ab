"""What one answer was found to be worth, before a scale turns it into a number."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.runs.verdict_log import FailingTest
from sandbox.outcome import NO_TESTER
from tasks.judgement import UNCONFIRMED
from tasks.verdict import Verdict

Row = Mapping[str, Any]
"""One row of a training set: its columns by name."""


@dataclass(frozen=True, slots=True)
class Grade:
    """The judgement over one answer."""

    verdict: Verdict
    detail: str = ""
    """One line that explains the verdict."""
    confirmed: bool | None = None
    """For passes: whether the tests also held where the answer's code could not reach them; None: that is unknown."""
    share: float | None = None
    """Share of the tests that held, 0 to 1; None where nobody asked, or where it could not be found out."""

    confirmable: bool = True
    """False for an unconfirmed pass of a problem whose own reference solution cannot be confirmed either."""
    tests: int | None = None
    """Assertions, calls or cases that were checked, at most 1,000 assertions; None where that is not known."""
    tests_held: int | None = None
    """How many of them held."""
    failing: FailingTest | None = None
    """The first that did not hold, as far as it is known."""

    @property
    def judged(self) -> bool:
        """False where the machine failed, which says nothing about the answer."""
        return self.verdict is not Verdict.NOT_JUDGED and not self.detail.startswith(UNCONFIRMED + NO_TESTER)
