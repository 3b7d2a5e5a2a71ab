"""A result in 32 bytes, for results that are too large to cross between two processes or to be kept.

This file's text runs beside the reference when expected values are made, and behind a candidate's program, which so
answers with a digest. The candidate can write any digest, but to write the right one it must have the right result.
Equal values have equal digests: 1, 1.0 and True are equal, a list and a tuple are not.
"""

# What problems are about has no type that a checker could know:
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false

import hashlib
import marshal
import types
from array import array
from typing import Any

LARGE_BYTES = 1 << 15
"""Results larger than this, as marshal writes them, are expected as a digest."""
LARGEST_BITS = 1 << 19
"""Of an integer; those of more than a million bits could not cross."""
_EXACT_IN_A_DOUBLE = 1 << 53
_SHOWN = 60


def digest_of(value: Any) -> tuple[str, str]:
    """The digest of a value and how a sentence shows it. A value of no plain type has its type's name for a digest."""
    digest = hashlib.sha256()
    try:
        _feed(value, digest.update)
    except (TypeError, ValueError) as error:
        return f"no plain value ({error})", _shown(value)
    return digest.hexdigest(), _shown(value)


def is_large(value: Any) -> bool:
    """Whether a value is expected as its digest."""
    if isinstance(value, int):
        return value.bit_length() > LARGEST_BITS
    if isinstance(value, (str, bytes)):
        return len(value) > LARGE_BYTES
    if isinstance(value, (list, tuple)) and len(value) > LARGE_BYTES:
        return True  # without writing what may take a gigabyte
    try:
        return len(marshal.dumps(value, 2)) > LARGE_BYTES
    except ValueError:
        return False


def _feed(value: Any, update: Any) -> None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int):
        size = value.bit_length() // 8 + 1
        update(b"i%d:" % size + int(value).to_bytes(size, "little", signed=True))
    elif isinstance(value, (list, tuple)):
        _feed_items(value, update)
    elif isinstance(value, dict):
        _feed_sorted(b"d", [(_digest(key), _digest(item)) for key, item in value.items()], update)
    elif isinstance(value, (set, frozenset)):
        _feed_sorted(b"S", [(_digest(item),) for item in value], update)
    elif value is None or isinstance(value, (float, complex, str, bytes)):
        update(b"m" + marshal.dumps(value, 2))
    else:
        raise TypeError(type(value).__name__)


def _feed_items(items: Any, update: Any) -> None:
    update((b"l%d:" if isinstance(items, list) else b"t%d:") % len(items))
    kinds = set(map(type, items))
    if kinds <= {str, types.NoneType}:
        update(b"s" + marshal.dumps(items, 2))  # a million texts at once
    elif kinds <= {int, float, bool} and all(-_EXACT_IN_A_DOUBLE < item < _EXACT_IN_A_DOUBLE for item in items):
        update(b"n" + array("d", [item or 0 for item in items]).tobytes())  # -0.0 equals 0
    else:
        for item in items:
            _feed(item, update)


def _feed_sorted(tag: bytes, pairs: list[tuple[bytes, ...]], update: Any) -> None:
    update(tag + b"%d:" % len(pairs) + b"".join(part for pair in sorted(pairs) for part in pair))


def _digest(value: Any) -> bytes:
    digest = hashlib.sha256()
    _feed(value, digest.update)
    return digest.digest()


def _shown(value: Any) -> str:
    if isinstance(value, int) and value.bit_length() > 256:
        return f"an integer of {value.bit_length()} bits"
    if isinstance(value, str) and len(value) > _SHOWN:
        return f"{value[:_SHOWN]!r}... of {len(value)} characters"
    if isinstance(value, (list, tuple)) and len(value) > 4:
        return f"{', '.join(_shown(item) for item in value[:4])}, ... of {len(value)} items"
    text = repr(value) if not isinstance(value, (list, tuple)) else ", ".join(_shown(item) for item in value)
    return text[:_SHOWN]
