"""Plain values as bytes: the only thing that crosses between a candidate and its tests. Its format and its bounds.

A closed set of built-in types, exactly (True is not 1, a tuple is not a list, nan and -0.0 survive). Size, depth
and digits are bounded before anything is parsed, and nothing is ever executed: this is not pickle. What a candidate
holds beyond that set crosses as its plain content (a subclass of a built-in, a numpy scalar, an iterator) or as
nothing but the name of its type.

`encoder` writes the format; `decoder` reads it, and is the one place where bytes of a candidate are parsed.
"""

import struct
from collections import Counter, OrderedDict, defaultdict, deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # few programs use them, and every sample would pay for what its zygote has imported
    from decimal import Decimal
    from fractions import Fraction

MAX_BYTES = 16 << 20
MAX_DEPTH = 64
MAX_INT_BYTES = 1 << 17
MAX_DECIMAL_DIGITS = 10_000
"""On either side of a Decimal's point: `int` of a million takes minutes, in which nothing can stop it."""
MAX_FRACTION_BYTES = 1 << 13
"""Of numerator and denominator each: to reduce and to add such numbers takes the square of their length."""
MAX_ITEMS = 1_000_000

COUNT = struct.Struct("<I")
FLOAT = struct.Struct("<d")
COMPLEX = struct.Struct("<dd")
SEQUENCES: dict[type, bytes] = {list: b"l", tuple: b"t", set: b"S", frozenset: b"Z", deque: b"q"}
MAPPINGS: dict[type, bytes] = {dict: b"d", OrderedDict: b"Y", Counter: b"C", defaultdict: b"D"}
PACKED: dict[type, str] = {int: "q", float: "d"}
"""As `struct` writes them, in 8 bytes each."""
TYPES: dict[str, type] = {
    kind.__name__: kind
    for kind in (int, float, complex, bool, str, bytes, bytearray, list, tuple, dict, set, frozenset, range, object)
}
"""Built-in types that may cross as values themselves."""
CONSTANTS: dict[object, bytes] = {None: b"N", True: b"T", False: b"F", Ellipsis: b"E"}


class CodecError(Exception):
    """The value is too large or too deep, or the bytes are not an encoding."""


class UnboundedError(CodecError):
    """One number or range is so large that its use by the tests has no bound; names the bound."""


def bound_decimal(value: "Decimal") -> None:
    """Raises UnboundedError for one with too many digits."""
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and max(abs(exponent), abs(value.adjusted())) > MAX_DECIMAL_DIGITS:
        raise UnboundedError("it has more than 10,000 digits before or behind its point")


def bound_fraction(value: "Fraction") -> None:
    """Raises UnboundedError for one with too large a part."""
    bound_parts(value.numerator, value.denominator)


def bound_parts(*parts: int) -> None:
    """Raises UnboundedError for a fraction of parts so large."""
    if any(part.bit_length() > 8 * MAX_FRACTION_BYTES for part in parts):
        raise UnboundedError("a part of it has more than 65,536 bits")


def bound_range(value: range) -> None:
    """Raises UnboundedError for one with too many items."""
    if value[MAX_ITEMS:]:  # its len() may be more than len() can return
        raise UnboundedError("it has more than a million items")
