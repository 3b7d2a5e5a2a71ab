"""The candidate's side of split mode: a process that holds the program without its tests and answers calls.

Runs in a process that the zygote of a tester forked. Nothing here is trusted: the program shares this process and may
do to it what it likes. What it can reach is its own memory, which has never held a test, and one channel, whose other
end takes plain values only.
"""

# Whatever a candidate makes has no type that a checker could know:
# pyright: reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false

import contextlib
import marshal
import os
import sys
import types
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator
from typing import Any, NoReturn, cast

from sandbox.split.calls import decode_call, decode_calls, encode_answer, encode_call, encode_raised, snapshot
from sandbox.split.codec import CodecError
from sandbox.split.encoder import encode, encode_iterator, encode_opaque, encode_reference
from sandbox.walls.syscalls import DESCRIPTORS_END, put
from sandbox.walls.zygote_isolation import Entry
from sandbox.wire.texts import NOT_STARTED_CODE, STARTED, read_bytes, write_bytes
from sandbox.zygote.preload import WARM_UP_ROUNDS
from sandbox.zygote.sample_kind import FIRST_PLACE, PYTHON_MAIN, Kind

_LOADED = encode_answer(encode(None), {})
"""Answers that the program has been executed."""

_CODE, _TEXT = b"c", b"t"
_ANSWERS, _CALLS = FIRST_PLACE, FIRST_PLACE + 1
"""Where it holds its two descriptors."""


def _become(enter: Entry, _head: bytes, answers: int, calls: int) -> NoReturn:
    """Executes the program without its tests and answers calls of its functions until the tests end.

    What fails before the program is read is the sandbox's fault, and reported in place of `STARTED`.
    """
    try:
        enter()
        put(answers, _ANSWERS)
        put(calls, _CALLS)
        os.closerange(_CALLS + 1, DESCRIPTORS_END)
        os.write(_ANSWERS, STARTED)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.write(answers, f"{type(error).__name__}: {error}".encode()[:1000])
        os._exit(NOT_STARTED_CODE)
    try:
        if payload := read_bytes(_CALLS):
            _answer_calls(payload)
    finally:
        os._exit(0)


def encode_candidate(source: str, code: types.CodeType | None) -> bytes:
    """The bytes of a program for its process: its code, if that is known and `marshal` can write it, else its text."""
    with contextlib.suppress(ValueError):  # functions in functions in functions
        if code is not None:
            return _CODE + marshal.dumps(code)
    return _TEXT + source.encode(errors="surrogatepass")


def _answer_calls(payload: bytes) -> None:
    module = types.ModuleType("program")
    sys.modules["program"] = module
    kind, content = payload[:1], payload[1:]
    try:
        if kind == _CODE:
            code = marshal.loads(content)
        else:
            code = compile(content.decode(errors="surrogatepass"), PYTHON_MAIN, "exec", dont_inherit=True)
        exec(code, module.__dict__)
        write_bytes(_ANSWERS, _LOADED)
    except BaseException as error:
        write_bytes(_ANSWERS, encode_raised(error))
    while call := read_bytes(_CALLS):
        if several := decode_calls(call):
            for answer in _results(module, *several):
                write_bytes(_ANSWERS, answer)
        else:
            write_bytes(_ANSWERS, _answer(module, call))


def _answer(module: types.ModuleType, call: bytes) -> bytes:
    name, args, kwargs = decode_call(call)
    before = [snapshot(argument) for argument in args]
    try:
        result = getattr(module, name)(*args, **kwargs)
    except BaseException as error:
        return encode_raised(error)
    changed = {
        index: _encode_value(argument)
        for index, argument in enumerate(args)
        if (was := before[index]) is not None and was != snapshot(argument)
    }
    for index, argument in enumerate(args):
        if result is argument and isinstance(result, (list, dict, set, bytearray, deque)):
            return encode_answer(encode_reference(index), changed)
    return encode_answer(_encode_value(result), changed)


def _results(module: types.ModuleType, name: str, argument_lists: list[list[Any]]) -> Iterator[bytes]:
    """Answers to calls in turn, each as soon as it is made; the first that raises is the last."""
    for args in argument_lists:
        try:
            result = getattr(module, name)(*args)
        except BaseException as error:
            yield encode_raised(error)
            return
        yield encode_answer(_encode_value(result), {})


def _encode_value(value: object) -> bytes:
    try:
        return encode(value, _opaque)
    except Exception as error:  # too large, too deep, or an iterator that raised: whoever uses it should see that
        why = str(error) if isinstance(error, CodecError) else f"reading it raised {type(error).__name__}"
        if isinstance(error, RecursionError):
            why = "the value is nested too deep"
        return encode_opaque(f"value of type {_type_name(type(value))} ({why})", _truth(value), own=False)


_PLAIN: tuple[tuple[type, Callable[[Any], object]], ...] = (
    (bool, bool),
    (int, int.__pos__),
    (float, float.__pos__),
    (str, str.__str__),
    (bytes, lambda value: bytes.__add__(value, b"")),
    (tuple, lambda value: tuple(tuple.__iter__(value))),
    (list, lambda value: list(list.__iter__(value))),
    (frozenset, lambda value: frozenset(frozenset.__iter__(value))),
    (set, lambda value: set(set.__iter__(value))),
    (Counter, lambda value: Counter(dict(dict.items(value)))),
    (OrderedDict, lambda value: OrderedDict(OrderedDict.items(value))),
    (defaultdict, lambda value: defaultdict(None, dict.items(value))),
    (dict, lambda value: dict(dict.items(value))),
)
"""How to read the plain content of an instance of a built-in's subclass, past whatever it overrides."""


def _opaque(value: Any) -> bytes:
    kind: type = type(value)
    for plain, content in _PLAIN:
        if issubclass(kind, plain):
            return encode(content(value), _opaque)
    if kind.__module__ == "numpy" and hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        return encode(value.item(), _opaque)
    if isinstance(value, Iterator):
        return encode_iterator(cast("Iterator[object]", value), _opaque)
    return encode_opaque(_type_name(kind), _truth(value), own=kind.__module__ == "program")


def _truth(value: Any) -> bool | None:
    try:
        return bool(value)
    except Exception:
        return None


def _type_name(kind: type) -> str:
    return kind.__qualname__ if kind.__module__ in ("builtins", "program") else f"{kind.__module__}.{kind.__qualname__}"


def _rehearse() -> None:
    module = types.ModuleType("program")
    module.__dict__["echo"] = lambda *values: list(values)
    arguments = (1, -2.5, "text", True, None, [1, "a", [2.0]], (3, 4), {"key": {5}})
    call = encode_call("echo", arguments, {})
    arrives, sends = os.pipe()
    for _ in range(WARM_UP_ROUNDS):
        write_bytes(sends, call)
        write_bytes(sends, _answer(module, read_bytes(arrives) or b""))
        read_bytes(arrives)
    os.close(arrives)
    os.close(sends)


CANDIDATES = Kind(head_bytes=0, descriptors=2, rehearse=_rehearse, become=_become)
"""Head: none. Descriptors: where its answers go, and where its calls come from."""
