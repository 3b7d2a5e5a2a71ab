"""From grades to numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sandbox.errors import WavebenchError
from tasks.verdict import Verdict
from wavebench.rewards.grade import Grade


class RewardError(WavebenchError):
    """A reward that cannot be set up or called as asked."""


class Scale(StrEnum):
    """How a grade becomes a number."""

    PASSED = "passed"
    """1 for a confirmed pass, 0 for all else."""
    SHARE = "share"
    """The share of tests that held; 1 for a confirmed pass alone."""
    SHAPED = "shaped"
    """A number for each verdict."""


SHAPE: Mapping[Verdict, float] = {
    Verdict.PASSED: 1.0,
    Verdict.WRONG: 0.2,
    Verdict.TIMEOUT: 0.1,
    Verdict.ERROR: 0.1,
    Verdict.OUT_OF_MEMORY: 0.1,
    Verdict.NOT_COMPILED: 0.05,
    Verdict.NO_CODE: 0.0,
    Verdict.FORGED: 0.0,
}
"""What `Scale.SHAPED` pays by default."""


@dataclass(frozen=True, slots=True)
class RewardScale:
    """Pays for grades. Nothing but a confirmed pass earns as much as one."""

    kind: Scale = Scale.PASSED
    shape: Mapping[Verdict, float] = field(default_factory=lambda: SHAPE)
    unconfirmed: float | None = 0.0
    """What a pass earns that could not be confirmed; None leaves it out, as if it had not been judged. 0 is not paid
    for a problem whose reference solution cannot be confirmed either: such a pass is left out."""

    def reward(self, grade: Grade) -> float | None:
        """The number; None where the answer could not be judged."""
        if not grade.judged:
            return None
        if grade.verdict is Verdict.PASSED:
            best = self.shape[Verdict.PASSED] if self.kind is Scale.SHAPED else 1.0
            if grade.confirmed:
                return best
            return self.unconfirmed if grade.confirmable else self.unconfirmed or None
        match self.kind:
            case Scale.PASSED:
                return 0.0
            case Scale.SHARE:
                return grade.share
            case Scale.SHAPED:
                return self.shape[grade.verdict]


def reward_scale(
    kind: str | Scale, shape: Mapping[str, float] | None = None, unconfirmed: float | None = 0.0
) -> RewardScale:
    """A scale by name; `shape` replaces numbers of `SHAPE` by verdict. Raises RewardError."""
    try:
        chosen = Scale(kind)
    except ValueError:
        raise RewardError(f"unknown scale {kind!r}: take one of {', '.join(Scale)}.") from None
    named: dict[Verdict, float] = {}
    for name, value in (shape or {}).items():
        if name not in tuple(Verdict) or name == Verdict.NOT_JUDGED:
            known = ", ".join(repr(str(each)) for each in SHAPE)
            raise RewardError(f"shape has {name!r}, which is no verdict that is paid: take some of {known}.")
        named[Verdict(name)] = float(value)
    shaped = {**SHAPE, **named}
    highest = max(value for verdict, value in shaped.items() if verdict is not Verdict.PASSED)
    if highest >= shaped[Verdict.PASSED]:
        raise RewardError(
            f"shape pays {highest} for something else than a pass, which earns {shaped[Verdict.PASSED]}: pay less."
        )
    return RewardScale(chosen, shaped, unconfirmed)
