"""Plain values as bytes: the only thing that crosses between a candidate and its tests.

A closed set of built-in types, exactly (True is not 1, a tuple is not a list, nan and -0.0 survive). Size, depth
and digits are bounded before anything is parsed, and nothing is ever executed: this is not pickle. What a candidate
holds beyond that set crosses as its plain content (a subclass of a built-in, a numpy scalar, an iterator) or as
nothing but the name of its type.
"""

import struct
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

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

MakeOpaque = Callable[[str, bool | None, bool], object]
"""Takes a type's name, the value's truth (None where it has none) and whether the program itself defines the type."""

_COUNT = struct.Struct("<I")
_FLOAT = struct.Struct("<d")
_COMPLEX = struct.Struct("<dd")


class CodecError(Exception):
    """The value is too large or too deep, or the bytes are not an encoding."""


class UnboundedError(CodecError):
    """One number or range is so large that its use by the tests has no bound; names the bound."""


def encode(value: object, opaque: Callable[[object], bytes] | None = None) -> bytes:
    """The bytes of a value. `opaque` encodes what is outside the closed set; without it that is a CodecError."""
    out = bytearray()
    _encode(value, out, 0, opaque)
    if len(out) > MAX_BYTES:
        raise CodecError("the value is larger than 16 MiB")
    return bytes(out)


def encode_opaque(type_name: str, truth: bool | None, *, own: bool) -> bytes:
    """The bytes that stand for a value outside the closed set.

    `truth` is its truth value, None where it has none; `own` when the program itself defines its type.
    """
    name = type_name.encode(errors="replace")[:200]
    return (b"O" if own else b"o") + _CONSTANTS[truth] + _COUNT.pack(len(name)) + name


def encode_reference(index: int) -> bytes:
    """The bytes that stand for the call's own argument number `index`."""
    return b"R" + _COUNT.pack(index)


def join(value: bytes, changes: Mapping[int, bytes]) -> bytes:
    """The bytes of a tuple of an encoded value and a dict of encoded values."""
    out = bytearray(b"t" + _COUNT.pack(2) + value + b"d" + _COUNT.pack(len(changes)))
    for key, change in changes.items():
        _integer(key, out)
        out += change
    return bytes(out)


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


_SEQUENCES: dict[type, bytes] = {list: b"l", tuple: b"t", set: b"S", frozenset: b"Z", deque: b"q"}
_PACKED: dict[type, str] = {int: "q", float: "d"}
"""As `struct` writes them, in 8 bytes each."""
_WORTH_PACKING = 4
_MAPPINGS: dict[type, bytes] = {dict: b"d", OrderedDict: b"Y", Counter: b"C", defaultdict: b"D"}
_TYPES: dict[str, type] = {
    kind.__name__: kind
    for kind in (int, float, complex, bool, str, bytes, bytearray, list, tuple, dict, set, frozenset, range, object)
}
"""Built-in types that may cross as values themselves."""
_CONSTANTS: dict[object, bytes] = {None: b"N", True: b"T", False: b"F", Ellipsis: b"E"}
_MAKERS: dict[bytes, Callable[[Iterable[Any]], Any]] = {
    **{tag: kind for kind, tag in _SEQUENCES.items()},
    b"d": dict,
    b"Y": OrderedDict,
    b"C": lambda pairs: Counter(dict(pairs)),
    b"D": lambda pairs: defaultdict(None, pairs),
    b"I": iter,
}


def _encode(value: Any, out: bytearray, depth: int, opaque: Callable[[object], bytes] | None) -> None:
    if depth > MAX_DEPTH:
        raise CodecError("the value is nested deeper than 64 levels")
    if len(out) > MAX_BYTES:
        raise CodecError("the value is larger than 16 MiB")
    kind = cast("type[object]", type(value))
    write = _WRITERS.get(kind)
    if write:
        write(value, out)
    elif kind in _SEQUENCES:
        if len(value) >= _WORTH_PACKING and _packed(value, kind, out):
            return
        _start(out, _SEQUENCES[kind], len(value))
        for item in value:
            _encode(item, out, depth + 1, opaque)
    elif kind in _MAPPINGS:
        _start(out, _MAPPINGS[kind], len(value))
        for key, item in value.items():
            _encode(key, out, depth + 1, opaque)
            _encode(item, out, depth + 1, opaque)
    else:
        _encode_special(kind, value, out, opaque)


def _encode_special(kind: type[object], value: Any, out: bytearray, opaque: Callable[[object], bytes] | None) -> None:
    """Numbers that may be too large, and what is outside the closed set."""
    if bounded := _BOUNDED.get(kind) or _BOUNDED_BY_NAME.get(f"{kind.__module__}.{kind.__qualname__}"):
        bound, write = bounded
        try:
            if opaque:  # bounds what a candidate answers; its tests may say what they like
                bound(value)
            write(value, out)
        except UnboundedError as error:
            if not opaque:
                raise
            out += encode_opaque(f"{kind.__name__} ({error})", bool(value), own=False)
    elif opaque:
        out += opaque(value)
    else:
        raise CodecError(f"a value of type {kind.__name__} cannot cross")


def _packed(value: Any, kind: type, out: bytearray) -> bool:
    """Writes a list or tuple of nothing but machine-sized numbers in one go, ten times as fast as one by one."""
    kinds = set(cast("Iterable[type]", map(type, value)))
    number = _PACKED.get(kinds.pop()) if len(kinds) == 1 and kind in (list, tuple) else None
    if number is None:
        return False
    try:
        data = struct.pack(f"<{len(value)}{number}", *value)
    except struct.error:  # an integer of more than 64 bits
        return False
    _start(out, b"P" + _SEQUENCES[kind] + number.encode(), len(value))
    out += data
    return True


def _constant(value: Any, out: bytearray) -> None:
    out += _CONSTANTS[value]


def _float(value: float, out: bytearray) -> None:
    out += b"f" + _FLOAT.pack(value)


def _complex(value: complex, out: bytearray) -> None:
    out += b"c" + _COMPLEX.pack(value.real, value.imag)


def _string(value: str, out: bytearray) -> None:
    _chunk(out, b"s", value.encode("utf-8", "surrogatepass"))


def _bytes(value: bytes, out: bytearray) -> None:
    _chunk(out, b"b", value)


def _bytearray(value: bytearray, out: bytearray) -> None:
    _chunk(out, b"a", bytes(value))


def _range(value: range, out: bytearray) -> None:
    out += b"r"
    for part in (value.start, value.stop, value.step):
        _integer(part, out)


def _type(value: type, out: bytearray) -> None:
    if value not in _TYPES.values():
        raise CodecError(f"the type {value.__name__} cannot cross")
    _chunk(out, b"k", value.__name__.encode())


def _decimal(value: "Decimal", out: bytearray) -> None:
    _chunk(out, b"M", str(value).encode())


def _fraction(value: "Fraction", out: bytearray) -> None:
    out += b"Q"
    _integer(value.numerator, out)
    _integer(value.denominator, out)


def _integer(value: int, out: bytearray) -> None:
    size = value.bit_length() // 8 + 1
    if size > MAX_INT_BYTES:
        raise UnboundedError("it has more than a million bits")
    _chunk(out, b"i", value.to_bytes(size, "little", signed=True))


def _chunk(out: bytearray, tag: bytes, data: bytes) -> None:
    _start(out, tag, len(data))
    out += data


def _start(out: bytearray, tag: bytes, count: int) -> None:
    out += tag
    out += _COUNT.pack(count)


def _bound_decimal(value: "Decimal") -> None:
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and max(abs(exponent), abs(value.adjusted())) > MAX_DECIMAL_DIGITS:
        raise UnboundedError("it has more than 10,000 digits before or behind its point")


def _bound_fraction(value: "Fraction") -> None:
    _bound_parts(value.numerator, value.denominator)


def _bound_parts(*parts: int) -> None:
    if any(part.bit_length() > 8 * MAX_FRACTION_BYTES for part in parts):
        raise UnboundedError("a part of it has more than 65,536 bits")


def _bound_range(value: range) -> None:
    if value[MAX_ITEMS:]:
        raise UnboundedError("it has more than a million items")


_BOUNDED: dict[type, tuple[Callable[[Any], None], Callable[[Any, bytearray], None]]] = {
    int: (lambda _: None, _integer),
    range: (_bound_range, _range),
}
_BOUNDED_BY_NAME: dict[str, tuple[Callable[[Any], None], Callable[[Any, bytearray], None]]] = {
    "decimal.Decimal": (_bound_decimal, _decimal),
    "fractions.Fraction": (_bound_fraction, _fraction),
}
_WRITERS: dict[type, Callable[[Any, bytearray], None]] = {
    type(None): _constant,
    bool: _constant,
    type(Ellipsis): _constant,
    float: _float,
    complex: _complex,
    str: _string,
    bytes: _bytes,
    bytearray: _bytearray,
    type: _type,
}


def encode_iterator(items: Iterator[object], opaque: Callable[[object], bytes]) -> bytes:
    """The bytes of an iterator: what it would still give, which uses it up."""
    held = list(islice(items, MAX_ITEMS + 1))
    if len(held) > MAX_ITEMS:
        raise CodecError("the iterator gives more than a million items")
    out = bytearray()
    _start(out, b"I", len(held))
    for item in held:
        _encode(item, out, 1, opaque)
    return bytes(out)


class _FrameReader:
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
            return _FLOAT.unpack(self._take(8))[0]
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
                return complex(*_COMPLEX.unpack(self._take(16)))
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
                return _TYPES[self._chunk().decode()]
            case b"R":
                return self._arguments[_COUNT.unpack(self._take(4))[0]]
            case b"o" | b"O" if self._opaque:
                return self._opaque(*self._described(depth), tag == b"O")
            case _:
                raise CodecError(f"not an encoding: no type is written {tag!r}")

    def _range(self, depth: int) -> range:
        made = range(self.value(depth + 1), self.value(depth + 1), self.value(depth + 1))
        if self._opaque:
            _bound_range(made)
        return made

    def _decimal(self) -> "Decimal":
        from decimal import Decimal

        text = self._chunk()
        if self._opaque and len(text) > 3 * MAX_DECIMAL_DIGITS:
            raise UnboundedError("the Decimal is longer than any that may cross")
        made = Decimal(text.decode())
        if self._opaque:
            _bound_decimal(made)
        return made

    def _fraction(self, depth: int) -> "Fraction":
        from fractions import Fraction

        numerator, denominator = self.value(depth + 1), self.value(depth + 1)
        if type(numerator) is not int or type(denominator) is not int:
            raise CodecError("not an encoding: a Fraction is made of two integers")
        if self._opaque:
            _bound_parts(numerator, denominator)
        return Fraction(numerator, denominator)

    def _described(self, depth: int) -> tuple[str, bool | None]:
        self._count_one_more()
        truth = self.value(depth + 1)
        if truth is not None and type(truth) is not bool:
            raise CodecError("not an encoding: a truth value is True, False or None")
        return self._chunk().decode(errors="replace"), truth

    def _numbers(self, container: bytes, number: str) -> Any:
        if container not in (b"l", b"t") or number not in _PACKED.values():
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
        return self._take(_COUNT.unpack(self._take(4))[0])

    def _count_one_more(self) -> None:
        """A container takes five bytes here and hundreds in memory."""
        self._made += 1
        if self._made > MAX_ITEMS:
            raise CodecError("the bytes hold more than a million containers")

    def _count(self) -> int:
        self._count_one_more()
        count = _COUNT.unpack(self._take(4))[0]
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


_BY_TAG: dict[bytes, Any] = {tag: constant for constant, tag in _CONSTANTS.items()}
