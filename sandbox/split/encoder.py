"""Writes plain values as bytes: calls in the tester, answers in the candidate."""

import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from sandbox.split.codec import (
    COMPLEX,
    CONSTANTS,
    COUNT,
    FLOAT,
    MAPPINGS,
    MAX_BYTES,
    MAX_DEPTH,
    MAX_INT_BYTES,
    MAX_ITEMS,
    PACKED,
    SEQUENCES,
    TYPES,
    CodecError,
    UnboundedError,
    bound_decimal,
    bound_fraction,
    bound_range,
)

if TYPE_CHECKING:  # see sandbox.split.codec
    from fractions import Fraction

_WORTH_PACKING = 4


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
    return (b"O" if own else b"o") + CONSTANTS[truth] + COUNT.pack(len(name)) + name


def encode_reference(index: int) -> bytes:
    """The bytes that stand for the call's own argument number `index`."""
    return b"R" + COUNT.pack(index)


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


def join(value: bytes, changes: Mapping[int, bytes]) -> bytes:
    """The bytes of a tuple of an encoded value and a dict of encoded values."""
    out = bytearray(b"t" + COUNT.pack(2) + value + b"d" + COUNT.pack(len(changes)))
    for key, change in changes.items():
        _integer(key, out)
        out += change
    return bytes(out)


def _encode(value: Any, out: bytearray, depth: int, opaque: Callable[[object], bytes] | None) -> None:
    if depth > MAX_DEPTH:
        raise CodecError("the value is nested deeper than 64 levels")
    if len(out) > MAX_BYTES:
        raise CodecError("the value is larger than 16 MiB")
    kind = cast("type[object]", type(value))
    write = _WRITERS.get(kind)
    if write:
        write(value, out)
    elif kind in SEQUENCES:
        if len(value) >= _WORTH_PACKING and _pack_numbers(value, kind, out):
            return
        _start(out, SEQUENCES[kind], len(value))
        for item in value:
            _encode(item, out, depth + 1, opaque)
    elif kind in MAPPINGS:
        _start(out, MAPPINGS[kind], len(value))
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


def _pack_numbers(value: Any, kind: type, out: bytearray) -> bool:
    """Writes a list or tuple of nothing but machine-sized numbers in one go, ten times as fast as one by one."""
    kinds = set(cast("Iterable[type]", map(type, value)))
    number = PACKED.get(kinds.pop()) if len(kinds) == 1 and kind in (list, tuple) else None
    if number is None:
        return False
    try:
        data = struct.pack(f"<{len(value)}{number}", *value)
    except struct.error:  # an integer of more than 64 bits
        return False
    _start(out, b"P" + SEQUENCES[kind] + number.encode(), len(value))
    out += data
    return True


def _constant(value: Any, out: bytearray) -> None:
    out += CONSTANTS[value]


def _range(value: range, out: bytearray) -> None:
    out += b"r"
    for part in (value.start, value.stop, value.step):
        _integer(part, out)


def _type(value: type, out: bytearray) -> None:
    if value not in TYPES.values():
        raise CodecError(f"the type {value.__name__} cannot cross")
    _chunk(out, b"k", value.__name__.encode())


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
    out += COUNT.pack(count)


_BOUNDED: dict[type, tuple[Callable[[Any], None], Callable[[Any, bytearray], None]]] = {
    int: (lambda _: None, _integer),
    range: (bound_range, _range),
}
_BOUNDED_BY_NAME: dict[str, tuple[Callable[[Any], None], Callable[[Any, bytearray], None]]] = {
    "decimal.Decimal": (bound_decimal, lambda value, out: _chunk(out, b"M", str(value).encode())),
    "fractions.Fraction": (bound_fraction, _fraction),
}
_WRITERS: dict[type, Callable[[Any, bytearray], None]] = {
    type(None): _constant,
    bool: _constant,
    type(Ellipsis): _constant,
    float: lambda value, out: out.extend(b"f" + FLOAT.pack(value)),
    complex: lambda value, out: out.extend(b"c" + COMPLEX.pack(value.real, value.imag)),
    str: lambda value, out: _chunk(out, b"s", value.encode("utf-8", "surrogatepass")),
    bytes: lambda value, out: _chunk(out, b"b", value),
    bytearray: lambda value, out: _chunk(out, b"a", bytes(value)),
    type: _type,
}
