"""Compares what a candidate returns with what the reference returned, input by input.

This file's text runs in the tester, which holds inputs and expected values; the candidate's process never does. It
imports the standard library alone. Three oracles, see `ORACLES`: two do what EvalPlus does, its errors included.
"""

# What problems are about has no type that a checker could know:
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false

import base64
import marshal
import math
import zlib
from collections.abc import Callable
from typing import Any, NamedTuple

ORACLES = ("sound", "head", "0.3.1")
"""`0.3.1`: EvalPlus as PyPI has it; `head`: its repository since, which no longer fails every answer to HumanEval/32;
`sound`: inputs that the candidate cannot change, and a tolerance for each value alone."""
RELATIVE = 1e-07
"""Relative tolerance of floats: that of numpy.testing.assert_allclose."""
ABSOLUTE = 1e-06
"""Absolute tolerance of floats where the problem names none."""
BASE, PLUS = "base", "plus"
_SHOWN = 120
_SETS = frozenset(
    {
        "similar_elements",
        "find_char_long",
        "common_in_nested_lists",
        "extract_singly",
        "larg_nnum",
        "intersection_array",
        "find_dissimilar",
        "Diff",
    }
)
"""Functions of MBPP+ whose results are compared as sets."""
NOT_NONE = frozenset({"check_str", "text_match_three", "text_starta_endb"})
"""Functions of MBPP+ of whose results it only counts whether they are None."""


class OracleRule(NamedTuple):
    """How the results of one problem are compared."""

    oracle: str
    benchmark: str
    """humaneval or mbpp."""
    entry_point: str
    tolerance: float
    """Absolute, for floats; 0 where the problem names none."""


class WrongResult(Exception):  # noqa: N818 (no error of the tests)
    """A result that is not the expected one; the message says for which input."""


class CandidateRaised(Exception):  # noqa: N818 (likewise)
    """The candidate raised; the message says for which input."""


class Digest(NamedTuple):
    """Stands for an expected value that is too large to be kept."""

    digest: str
    shown: str


def judge(
    packed: str, rule: OracleRule, call: Callable[..., Any], call_for_digest: Callable[..., Any] | None = None
) -> None:
    """Calls the candidate with every base input, then with every further one. Raises at the first that fails.

    `call_for_digest` calls it likewise and answers with the digest of the result and how a sentence shows it.
    """
    cases = _unpack(packed)
    # Results that are asked for ahead come sooner, but nothing is then told of what calls make of their arguments.
    looks = rule.oracle != "sound" and rule.entry_point in _LOOK_AT_INPUTS
    ahead = getattr(call, ".results", None) if call_for_digest is None and not looks else None
    for name in (BASE, PLUS):
        inputs, expected = cases[name]
        comparison = _Comparison(rule, inputs)
        results = ahead(marshal.dumps(inputs, 2)) if ahead else None
        for index, (arguments, wanted) in enumerate(zip(inputs, expected, strict=True)):
            try:
                if results:
                    got = next(results)
                else:
                    got = (call_for_digest or call)(*arguments) if isinstance(wanted, Digest) else call(*arguments)
            except Exception as error:
                raise CandidateRaised(f"{_place(packed, name, index, rule)} raised {_name(error)}") from None
            except BaseException as error:
                if type(error).__name__ == "CandidateLeftError":  # by an exception that is none of Exception's
                    raise WrongResult(f"{_place(packed, name, index, rule)} left early: {error}") from None
                error.add_note(f"at {_place(packed, name, index, rule)}")  # what ends the tests as a whole
                raise
            try:
                held = comparison.holds(index, arguments, got, wanted)
            except Exception:  # such as of set() over what cannot be hashed
                held = False
            except BaseException as error:
                error.add_note(f"at {_place(packed, name, index, rule)}")
                raise
            if not held:
                is_digest = isinstance(wanted, Digest) and isinstance(got, tuple)
                shown = (got[1], wanted.shown) if is_digest else (_short(got), _short(wanted))
                known = rule.oracle == "0.3.1" and rule.entry_point == "find_zero"
                remark = "; EvalPlus 0.3.1 fails every answer to this problem" if known else ""
                place = _place(packed, name, index, rule)
                raise WrongResult(f"{place} gave {shown[0]:.{_SHOWN}}, expected {shown[1]}{remark}")


class _Comparison:
    """Compares the results of one set of inputs, in their order: EvalPlus' tolerance may grow on the way."""

    def __init__(self, rule: OracleRule, inputs: list[Any]) -> None:
        self._rule = rule
        self._tolerance = rule.tolerance
        # The candidate may change what it is called with, and upstream's oracles then see the changed input.
        own = rule.oracle == "sound" and rule.entry_point in _LOOK_AT_INPUTS
        self._own_inputs = marshal.loads(marshal.dumps(inputs, 2)) if own else None

    def holds(self, index: int, arguments: Any, got: Any, wanted: Any) -> bool:
        """Whether the result for the input of that number is the expected one."""
        if isinstance(wanted, Digest):
            return isinstance(got, tuple) and got[0] == wanted.digest
        if self._own_inputs is not None:
            arguments = self._own_inputs[index]
        if self._rule.benchmark == "mbpp" and self._rule.entry_point in NOT_NONE:
            return got == wanted if isinstance(got, bool) else wanted == (got is not None)
        return (
            self._sound(arguments, got, wanted)
            if self._rule.oracle == "sound"
            else self._upstream(arguments, got, wanted)
        )

    def _sound(self, arguments: Any, got: Any, wanted: Any) -> bool:
        if self._rule.entry_point == "find_zero" and self._rule.benchmark == "humaneval":
            return isinstance(got, (int, float)) and abs(polynomial(arguments[0], got)) <= self._tolerance
        if self._rule.benchmark == "mbpp" and self._rule.entry_point in _SETS:
            return set(got) == set(wanted)
        if close(got, wanted, self._rule.tolerance or ABSOLUTE):
            return True
        alternative = _ALTERNATIVES.get(self._rule.entry_point) if self._rule.benchmark == "mbpp" else None
        return alternative is not None and close(got, alternative(*arguments), self._rule.tolerance)

    def _upstream(self, arguments: Any, got: Any, wanted: Any) -> bool:
        """As evalplus/eval/__init__.py, line by line."""
        entry_point = self._rule.entry_point
        if self._rule.benchmark == "humaneval" and entry_point == "find_zero":
            # 0.3.1 leaves such an input without a mark, and then fails whoever lacks one
            return abs(polynomial(arguments[0], got)) <= self._tolerance and self._rule.oracle != "0.3.1"
        exact = got == wanted
        if self._rule.benchmark == "mbpp":
            exact = self._exact_mbpp(exact, arguments, got, wanted)
        if self._tolerance == 0 and _are_floats(wanted):
            self._tolerance = ABSOLUTE  # and stays so: every later result of any type has a tolerance, too
        if exact or self._tolerance == 0:
            return exact
        if type(got) is not type(wanted) or (isinstance(wanted, (list, tuple)) and len(got) != len(wanted)):
            return False
        return all_close(got, wanted, self._tolerance)

    def _exact_mbpp(self, exact: bool, arguments: Any, got: Any, wanted: Any) -> bool:
        match self._rule.entry_point:
            case "are_equivalent":
                return True
            case "sum_div":
                return exact or got == 0
            case "surface_Area":
                return exact or abs(got - surface_area(*arguments)) <= self._tolerance
            case "digit_distance_nums":
                return exact or got == digit_distance(*arguments)
            case name if name in _SETS:
                return set(got) == set(wanted)
            case _:
                return exact


def close(got: Any, wanted: Any, tolerance: float) -> bool:
    """Whether a value is the expected one: floats within the tolerance, all else exactly; a list is no tuple."""
    if got == wanted:
        return True
    if isinstance(wanted, (float, complex)):
        if not isinstance(got, (int, float, complex)):
            return False
        return _near(got, wanted, tolerance) or (got != got and wanted != wanted)
    if isinstance(wanted, (list, tuple)):
        return (
            type(got) is type(wanted)
            and len(got) == len(wanted)
            and all(close(mine, right, tolerance) for mine, right in zip(got, wanted, strict=True))
        )
    if isinstance(wanted, dict):
        return (
            isinstance(got, dict)
            and got.keys() == wanted.keys()
            and all(close(got[key], right, tolerance) for key, right in wanted.items())
        )
    return False


def all_close(got: Any, wanted: Any, tolerance: float) -> bool:
    """As numpy.allclose(got, wanted, rtol=1e-07, atol=tolerance) on numbers and on nested lists of one shape each."""
    mine, right = _numbers(got), _numbers(wanted)
    return mine[0] == right[0] and all(a == b or _near(a, b, tolerance) for a, b in zip(mine[1], right[1], strict=True))


def _near(got: Any, wanted: Any, tolerance: float) -> bool:
    """Whether two numbers are close; nothing is close to infinity, of which any part is infinite, too."""
    return abs(wanted) < math.inf and abs(got - wanted) <= tolerance + RELATIVE * abs(wanted)


def polynomial(coefficients: list[float], x: float) -> float:
    """Its value at x."""
    return sum(coefficient * math.pow(x, power) for power, coefficient in enumerate(coefficients))


def surface_area(base_edge: float, height: float) -> float:
    """Of a pyramid, the height taken for that of its apex over its base: Mbpp/581 leaves open which height is meant."""
    slant_height = math.sqrt((base_edge / 2) ** 2 + height**2)
    return round(base_edge**2 + 4 * (base_edge * slant_height) / 2)


def digit_distance(first: int, second: int) -> int:
    """Sum of the distances of digits, the shorter number filled with zeros on its left: Mbpp/558 leaves that open."""
    size = max(len(str(first)), len(str(second)))
    pairs = zip(str(first).zfill(size), str(second).zfill(size), strict=True)
    return sum(abs(int(one) - int(other)) for one, other in pairs)


_ALTERNATIVES: dict[str, Callable[..., Any]] = {"surface_Area": surface_area, "digit_distance_nums": digit_distance}
"""Functions of MBPP+ with another reading, whose result counts too."""
_LOOK_AT_INPUTS = frozenset({"find_zero", *_ALTERNATIVES})


def _numbers(value: Any) -> tuple[list[int], list[Any]]:
    """Shape and content of nested lists of numbers, as numpy makes an array of them. Raises TypeError for others."""
    if isinstance(value, (bool, int, float, complex)):
        return [], [value]
    if not isinstance(value, (list, tuple)):
        raise TypeError
    parts = [_numbers(item) for item in value]
    if any(part[0] != parts[0][0] for part in parts):
        raise TypeError
    return [len(parts), *(parts[0][0] if parts else [])], [number for part in parts for number in part[1]]


def _are_floats(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return bool(value) and all(isinstance(item, float) for item in value)
    return isinstance(value, float)


def _unpack(packed: str) -> dict[str, tuple[list[Any], list[Any]]]:
    """Inputs and expected values of both sets; a pair in place of an expected value is its digest."""
    base, plus, base_expected, plus_expected = marshal.loads(zlib.decompress(base64.b64decode(packed)))
    return {BASE: (base, _expected(base_expected)), PLUS: (plus, _expected(plus_expected))}


def _expected(kept: list[tuple[Any, ...]]) -> list[Any]:
    return [Digest(*each) if len(each) == 2 else each[0] for each in kept]


def _place(packed: str, name: str, index: int, rule: OracleRule) -> str:
    """Says which input it is, as it was before the candidate could change it."""
    cases = _unpack(packed)
    arguments = ", ".join(map(_short, cases[name][0][index]))
    if len(arguments) > _SHOWN:
        arguments = f"{arguments[: _SHOWN - 3]}..."
    total = sum(len(inputs) for inputs, _ in cases.values())
    passed = index if name == BASE else index + len(cases[BASE][0])
    count = len(cases[name][0])
    return f"{name} input {index + 1} of {count} ({passed} of {total} passed): {rule.entry_point}({arguments})"


def _short(value: Any) -> str:
    if isinstance(value, (str, list, tuple)) and len(value) > _SHOWN:
        value = value[:_SHOWN]  # writing out all of it may take long
    try:
        text = repr(value)
    except Exception:  # an integer of more digits than Python writes
        text = f"a value of type {type(value).__name__}"
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


def _name(error: Exception) -> str:
    """The type's name of an exception that the candidate raised, which comes as its text where Python has no such."""
    said = str(error)
    return said.partition(" ")[0] if type(error) is Exception and " raised by" in said else type(error).__name__
