"""Reads plain values out of bytes that a candidate may have written. Nothing is executed, and all is bounded first."""

import struct
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from sandbox.split.codec import (
    COMPLEX,
    CONSTANTS,
    COUNT,
    FLOAT,
    MAX_BYTES,
    MAX_DECIMAL_DIGITS,
    MAX_DEPTH,
    MAX_INT_BYTES,
    MAX_ITEMS,
    PACKED,
    SEQUENCES,
    TYPES,
    CodecError,
    UnboundedError,
    bound_decimal,
    bound_parts,
    bound_range,
)

if TYPE_CHECKING:  # see sandbox.split.codec
    from decimal import Decimal
    from fractions import Fraction

MakeOpaque = Callable[[str, bool | None, bool], object]
"""Takes a type's name, the value's truth (None where it has none) and whether the program itself defines the type."""

_MAKERS: dict[bytes, Callable[[Iterable[Any]], Any]] = {
    **{tag: kind for kind, tag in SEQUENCES.items()},
    b"d": dict,
    b"Y": OrderedDict,
    b"C": lambda pairs: Counter(dict(pairs)),
    b"D": lambda pairs: defaultdict(None, pairs),
    b"I": iter,
}
_BY_TAG: dict[bytes, Any] = {tag: constant for constant, tag in CONSTANTS.items()}


def decode(data: bytes, arguments: tuple[Any, ...] = (), opaque: MakeOpaque | None = None) -> Any:
    """The value of some bytes. Raises CodecError.

    `arguments` are what references in it stand for; `opaque` makes what stands for a value outside the closed set.
    """
    if len(data) > MAX_BYTES:
        raise CodecError("the bytes are more than 16 MiB")
    reader = _FrameReader(data, arguments, opaque)
    try:
        value = reader.value(0)
    except (struct.error, LookupError, ValueError, TypeError, OverflowError, ArithmeticError) as error:
        raise CodecError(f"not an encoding: {error}") from error
    if reader.position != len(data):
        raise CodecError("not an encoding: bytes are left over")
    return value


class _FrameReader:
    """Takes an encoding apart from its start. Whoever wrote it may have written anything."""

    def __init__(self, data: bytes, arguments: tuple[Any, ...], opaque: MakeOpaque | None) -> None:
        self.data = data
        self.position = 0
        self._arguments = arguments
        self._opaque = opaque
        self._made = 0

    def value(self, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise CodecError("the bytes are nested deeper than 64 levels")
        tag = self._take(1)
        constant = _BY_TAG.get(tag, self)
        if constant is not self:
            return constant
        if tag == b"s":
            return self._chunk().decode("utf-8", "surrogatepass")
        if tag == b"i":
            return self._integer()
        if tag == b"f":
            return FLOAT.unpack(self._take(8))[0]
        if tag == b"P":
            return self._numbers(self._take(1), self._take(1).decode())
        if tag in b"dYCD":
            count = self._count()
            return _MAKERS[tag]([(self.value(depth + 1), self.value(depth + 1)) for _ in range(count)])
        if tag in _MAKERS:
            count = self._count()
            return _MAKERS[tag]([self.value(depth + 1) for _ in range(count)])
        return self._rare(tag, depth)

    def _rare(self, tag: bytes, depth: int) -> Any:
        match tag:
            case b"c":
                return complex(*COMPLEX.unpack(self._take(16)))
            case b"b":
                return self._chunk()
            case b"a":
                return bytearray(self._chunk())
            case b"r":
                return self._range(depth)
            case b"M":
                return self._decimal()
            case b"Q":
                return self._fraction(depth)
            case b"k":
                return TYPES[self._chunk().decode()]
            case b"R":
                return self._arguments[COUNT.unpack(self._take(4))[0]]
            case b"o" | b"O" if self._opaque:
                return self._opaque(*self._description(depth), tag == b"O")
            case _:
                raise CodecError(f"not an encoding: no type is written {tag!r}")

    def _range(self, depth: int) -> range:
        made = range(self.value(depth + 1), self.value(depth + 1), self.value(depth + 1))
        if self._opaque:
            bound_range(made)
        return made

    def _decimal(self) -> "Decimal":
        from decimal import Decimal

        text = self._chunk()
        if self._opaque and len(text) > 3 * MAX_DECIMAL_DIGITS:
            raise UnboundedError("the Decimal is longer than any that may cross")
        made = Decimal(text.decode())
        if self._opaque:
            bound_decimal(made)
        return made

    def _fraction(self, depth: int) -> "Fraction":
        from fractions import Fraction

        numerator, denominator = self.value(depth + 1), self.value(depth + 1)
        if type(numerator) is not int or type(denominator) is not int:
            raise CodecError("not an encoding: a Fraction is made of two integers")
        if self._opaque:
            bound_parts(numerator, denominator)
        return Fraction(numerator, denominator)

    def _description(self, depth: int) -> tuple[str, bool | None]:
        self._count_one_more()
        truth = self.value(depth + 1)
        if truth is not None and type(truth) is not bool:
            raise CodecError("not an encoding: a truth value is True, False or None")
        return self._chunk().decode(errors="replace"), truth

    def _numbers(self, container: bytes, number: str) -> Any:
        if container not in (b"l", b"t") or number not in PACKED.values():
            raise CodecError("not an encoding: only lists and tuples of numbers are packed")
        count = self._count()
        numbers = struct.unpack(f"<{count}{number}", self._take(8 * count))
        return list(numbers) if container == b"l" else numbers

    def _integer(self) -> int:
        data = self._chunk()
        if len(data) > MAX_INT_BYTES:
            raise CodecError("the integer has more than a million bits")
        return int.from_bytes(data, "little", signed=True)

    def _chunk(self) -> bytes:
        return self._take(COUNT.unpack(self._take(4))[0])

    def _count_one_more(self) -> None:
        """A container takes five bytes here and hundreds in memory."""
        self._made += 1
        if self._made > MAX_ITEMS:
            raise CodecError("the bytes hold more than a million containers")

    def _count(self) -> int:
        self._count_one_more()
        count = COUNT.unpack(self._take(4))[0]
        if count > len(self.data) - self.position:  # every item takes a byte at least
            raise CodecError("not an encoding: more items than bytes")
        return count

    def _take(self, size: int) -> bytes:
        end = self.position + size
        if end > len(self.data):
            raise CodecError("not an encoding: it ends early")
        taken = self.data[self.position : end]
        self.position = end
        return taken
