"""Compares results as EvalPlus 0.2.1 did (April 2024), the release that MBPP+ v0.1.0 was published with.

This file's text runs in the tester behind that of `oracle.py`, whose names it uses and whose comparison it replaces.
"""

# What problems are about has no type that a checker could know:
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tasks.evalplus.oracle import (
        ABSOLUTE,
        NOT_NONE,
        RELATIVE,
        Digest,
        OracleRule,
        _numbers,  # pyright: ignore[reportPrivateUsage] - its name stands in the text of programs with known hashes
        polynomial,
    )

NAME = "0.2.1"


class _EarlyComparison:
    """Compares the results of one set of inputs, in their order: the tolerance may grow on the way.

    No result is compared as a set, no problem has a second reading, and an expected empty list brings a tolerance.
    """

    def __init__(self, rule: "OracleRule", inputs: list[Any]) -> None:  # noqa: ARG002 (as its namesake is called)
        self._rule = rule
        self._tolerance = rule.tolerance

    def holds(self, index: int, arguments: Any, got: Any, wanted: Any) -> bool:  # noqa: ARG002 (likewise)
        """Whether the result for the input of that number is the expected one."""
        name, mbpp = self._rule.entry_point, self._rule.benchmark == "mbpp"
        if isinstance(wanted, Digest):
            return isinstance(got, tuple) and got[0] == wanted.digest
        if mbpp and name in NOT_NONE:
            return got == wanted if isinstance(got, bool) else wanted == (got is not None)
        if not mbpp and name == "find_zero" and polynomial(arguments[0], got) > self._tolerance:
            return False  # compared without abs(), so that the root itself is compared, too
        exact = got == wanted or (mbpp and (name == "are_equivalent" or (name == "sum_div" and got == 0)))
        if self._tolerance == 0 and _have_tolerance(wanted):
            self._tolerance = ABSOLUTE
        return exact or (self._tolerance != 0 and asserted_close(got, wanted, self._tolerance))


def _have_tolerance(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(isinstance(item, float) for item in value)
    return isinstance(value, float)


def asserted_close(got: Any, wanted: Any, tolerance: float) -> bool:
    """As numpy.testing.assert_allclose(got, wanted, atol=tolerance): nan equals nan, one number stands for many.

    Raises TypeError for what is neither a number nor nested lists of numbers.
    """
    (shape, mine), (right_shape, right) = _numbers(got), _numbers(wanted)
    if shape and right_shape and shape != right_shape:
        return False
    if not shape:
        mine *= len(right)
    if not right_shape:
        right *= len(mine)
    return all(a == b or _is_near(a, b, tolerance) for a, b in zip(mine, right, strict=True))


def _is_near(got: Any, wanted: Any, tolerance: float) -> bool:
    if got != got or wanted != wanted:
        return got != got and wanted != wanted
    return abs(wanted) < float("inf") and abs(got - wanted) <= tolerance + RELATIVE * abs(wanted)


_Comparison = _EarlyComparison
"""What `judge` of oracle.py calls by this name."""
