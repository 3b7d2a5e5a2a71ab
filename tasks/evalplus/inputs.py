"""Inputs as EvalPlus calls a function with them: JSON has no tuples, sets and complex numbers, so MBPP+ tells by the
problem's number which lists stand for what (evalplus/data/mbpp.py, 0.3.1)."""

# What problems are about has no type that a checker could know:
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false

import json
from typing import Any

_TUPLES = frozenset(
    {2, 116, 132, 143, 222, 261, 273, 394, 399, 421, 424, 429, 470, 560, 579, 596, 616, 630, 726, 740, 744, 809}
)
_LISTS_OF_TUPLES = frozenset({63, 64, 70, 94, 120, 237, 272, 299, 400, 409, 417, 438, 473, 614, 780})
_FIRST_IS_LIST_OF_TUPLES = frozenset({75, 413, 444, 753})
_SECOND_IS_TUPLE = frozenset({106, 750})
_FIRST_IS_TUPLE = frozenset({250, 307, 405, 446, 617, 720, 763, 808})
_TUPLES_OF_TUPLES = frozenset({259, 401, 445})
_NO_LISTS = frozenset({580, 615, 791})


def humaneval_inputs(text: str) -> list[Any]:
    """The argument lists of a column `base_input` or `plus_input` of HumanEval+."""
    return list(json.loads(text))


def mbpp_inputs(number: int, text: str) -> list[Any]:
    """The argument lists of a column `base_input` or `plus_input` of MBPP+; `number` is that of the problem."""
    # Mbpp/793 has an object without content in place of its list of further inputs
    return [_rebuilt(number, arguments) for arguments in json.loads(text)]


def _rebuilt(number: int, given: Any) -> Any:
    if number in _TUPLES:
        return [tuple(each) for each in given]
    if number in _LISTS_OF_TUPLES:
        return [[tuple(item) for item in each] for each in given]
    if number in _FIRST_IS_LIST_OF_TUPLES:
        return [[tuple(item) for item in given[0]], given[1]]
    if number in _SECOND_IS_TUPLE:
        return [given[0], tuple(given[1])]
    if number in _FIRST_IS_TUPLE:
        return [tuple(given[0]), *given[1:]]
    if number in _TUPLES_OF_TUPLES:
        return [tuple(tuple(item) for item in each) for each in given]
    if number in _NO_LISTS:
        return _without_lists(given)
    return _rare(number, given)


def _rare(number: int, given: Any) -> Any:
    """Rules for single problems."""
    match number:
        case 115:  # an empty list becomes a dict, not a set: EvalPlus writes {}
            return [[set(item) if isinstance(item, list) and item else {} for item in given[0]]]
        case 124:
            return [float(given[0]), complex(given[1])]
        case 252:
            return [complex(given[0])]
        case 278:
            return [tuple(tuple(item) if isinstance(item, list) else item for item in given[0])]
        case 722:
            return [{key: tuple(value) for key, value in given[0].items()}, *given[1:]]
        case _:
            return given


def _without_lists(value: Any) -> Any:
    return tuple(map(_without_lists, value)) if isinstance(value, list) else value
