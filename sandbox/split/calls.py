"""A call of a candidate's function and the answer to it, as bytes.

What a candidate answers is read by the codec and by nothing else. Calls it may read as it likes: there, where every
object touched costs a fresh fork a page fault, plain arguments go as `marshal` writes them.
"""

import contextlib
import marshal
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from sandbox.split.codec import MAX_BYTES, MAX_DEPTH, CodecError
from sandbox.split.decoder import MakeOpaque, decode
from sandbox.split.encoder import encode, join

_MARSHALLED, _ENCODED = b"m", b"c"
_SEVERAL = b"*"
_WITHOUT_REFERENCES = 2
"""The version of marshal's format in which each object is written out wherever it occurs, as the codec does."""
_ATOMS = frozenset((int, float, complex, str, bytes, bool, type(None), type(...)))

_SAME, _CHANGED, _RAISED = b"=", b"~", b"!"


class Answered(NamedTuple):
    """The call returned."""

    result: Any
    changed: Mapping[int, Any]
    """New content of the arguments that the call changed, by their index."""


class Raised(NamedTuple):
    """The call ended in an exception."""

    type_name: str


def encode_call(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bytes:
    """The bytes of a call. Raises CodecError."""
    if not (_is_plain(args) and _is_plain(kwargs)):
        return _ENCODED + encode((name, args, kwargs))
    data = marshal.dumps((name, args, kwargs), _WITHOUT_REFERENCES)
    if len(data) > MAX_BYTES:
        raise CodecError("the value is larger than 16 MiB")
    return _MARSHALLED + data


def decode_call(data: bytes) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
    """In the candidate's process: name and arguments of a call."""
    return marshal.loads(data[1:]) if data[:1] == _MARSHALLED else decode(data[1:])


def encode_calls(name: str, argument_lists: list[list[Any]]) -> bytes:
    """The bytes of calls that are answered one after another, with results alone; of arguments that marshal read."""
    return _SEVERAL + marshal.dumps((name, argument_lists), _WITHOUT_REFERENCES)


def decode_calls(data: bytes) -> tuple[str, list[list[Any]]] | None:
    """In the candidate's process: name and argument lists of several calls; None for a single one."""
    return marshal.loads(data[1:]) if data[:1] == _SEVERAL else None


def snapshot(argument: Any) -> bytes | None:
    """In the candidate's process: a fingerprint that changes when `argument` is mutated; None where it cannot be."""
    if type(argument) in _ATOMS:
        return None
    try:
        return marshal.dumps(argument, _WITHOUT_REFERENCES)
    except ValueError:  # of a type that marshal does not know, or nested without end
        with contextlib.suppress(CodecError, RecursionError):
            return encode(argument, lambda _: b"")
        return b""


def encode_answer(result: bytes, changed: Mapping[int, bytes]) -> bytes:
    """The bytes of an answer, of encoded values."""
    return _CHANGED + join(result, changed) if changed else _SAME + result


def encode_raised(error: BaseException) -> bytes:
    """The bytes of an exception: nothing but the name of its type."""
    return _RAISED + type(error).__name__.encode(errors="replace")[:200]


def decode_answer(data: bytes, args: tuple[Any, ...], opaque: MakeOpaque) -> Answered | Raised:
    """What a candidate answered to a call with `args`. Raises CodecError when it is no answer; see `decode`."""
    match data[:1]:
        case b"=":
            return Answered(decode(data[1:], args, opaque), {})
        case b"~":
            answer = decode(data[1:], args, opaque)
            if type(answer) is tuple and list(map(type, cast("tuple[Any, ...]", answer)))[1:] == [dict]:
                result, changed = cast("tuple[Any, dict[Any, Any]]", answer)
                if all(type(index) is int and 0 <= index < len(args) for index in changed):
                    return Answered(result, changed)
        case b"!":
            return Raised(data[1:201].decode(errors="replace"))
        case _:
            pass
    raise CodecError("neither a result nor an exception")


def _is_plain(value: Any, depth: int = 0) -> bool:
    """Whether marshal writes exactly this value: it would take a bytearray for bytes."""
    kind = cast("type[object]", type(value))
    if kind in _ATOMS:
        return True
    if depth > MAX_DEPTH:
        return False
    if kind is dict:
        return _is_plain(list(value), depth) and _is_plain(list(value.values()), depth)
    if kind not in (list, tuple, set, frozenset):
        return False
    return _ATOMS.issuperset(map(type, value)) or all(_is_plain(item, depth + 1) for item in value)
