"""The six bug types of HumanEvalPack (Muennighoff et al. 2023) and one planted fault."""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class BugType(StrEnum):
    """How a function can be wrong, as HumanEvalPack names it."""

    VALUE_MISUSE = "value misuse"
    """A wrong literal."""
    MISSING_LOGIC = "missing logic"
    """A step, a condition or an operand is gone."""
    EXCESS_LOGIC = "excess logic"
    """A step, a negation or a term too many."""
    OPERATOR_MISUSE = "operator misuse"
    """A wrong operator."""
    VARIABLE_MISUSE = "variable misuse"
    """Another variable of the same function."""
    FUNCTION_MISUSE = "function misuse"
    """A sibling of the function that should be called."""


HUMANEVALPACK_COUNTS = MappingProxyType(
    {
        BugType.VALUE_MISUSE: 44,
        BugType.MISSING_LOGIC: 33,
        BugType.EXCESS_LOGIC: 31,
        BugType.OPERATOR_MISUSE: 25,
        BugType.VARIABLE_MISUSE: 23,
        BugType.FUNCTION_MISUSE: 8,
    }
)
"""How often each occurs among the 164 problems; types are drawn by these weights."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One replacement in the source, by bytes."""

    begin: int
    end: int
    text: bytes


@dataclass(frozen=True, slots=True)
class Bug:
    """A faulty version of a function."""

    bug_type: BugType
    code: str
    change: str
    """What became what, in one line."""
