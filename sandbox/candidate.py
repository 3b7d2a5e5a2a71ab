"""The candidate's side of split mode: a process that holds the program without its tests and answers calls.

Nothing here is trusted: the program shares this process and may do to it what it likes. What it can reach is its own
memory, which has never held a test, and one channel, whose other end takes plain values only.
"""

# Whatever a candidate makes has no type that a checker could know:
# pyright: reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false

import builtins
import contextlib
import os
import random
import socket
import sys
import types
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator
from typing import Any, cast

from sandbox.calls import decode_call, encode_answer, encode_call, encode_raised, snapshot
from sandbox.codec import CodecError, encode, encode_iterator, encode_opaque, encode_reference
from sandbox.frames import read_bytes, write_bytes
from sandbox.kernel import kill_everybody
from sandbox.preload import WARM_UP_ROUNDS

_LOADED = encode_answer(encode(None), {})
"""Answers that the program has been executed."""

END = b""
"""The frame that ends the calls."""


def answer_calls_apart(channel: int, source: str) -> None:
    """Executes the program without its tests and answers calls of its functions until the tests end.

    Returns with what an honest program may have changed put back, and whatever it started dead. A dishonest one gains
    nothing: what the tests saw of it is settled by then.
    """
    builtins_before = builtins.__dict__.copy() if "builtins" in source else {}
    recursion_limit, folder = sys.getrecursionlimit(), os.getcwd()
    _answer_calls(channel, source)
    _end_everybody_else()
    _leave_no_file_in(folder)
    sys.setrecursionlimit(recursion_limit)
    if "random" in source:
        random.seed(0)
    if builtins_before:  # an honest program that changes them names them; to touch them all costs 40 page faults
        builtins.__dict__.clear()
        builtins.__dict__.update(builtins_before)


def warm_up() -> None:
    """Answers some usual calls here, in the process that samples are forked from; see `sandbox.preload`."""
    module = types.ModuleType("program")
    module.__dict__["echo"] = lambda *values: list(values)
    arguments = (1, -2.5, "text", True, None, [1, "a", [2.0]], (3, 4), {"key": {5}})
    call = encode_call("echo", arguments, {})
    ours, its = socket.socketpair()
    with ours, its:
        for _ in range(WARM_UP_ROUNDS):
            write_bytes(ours.fileno(), call)
            write_bytes(its.fileno(), _answer(module, read_bytes(its.fileno()) or b""))
            read_bytes(ours.fileno())


def _leave_no_file_in(folder: str) -> None:
    """Goes there, or into an empty folder in it where the calls wrote files: a new one costs a mount afterwards."""
    os.chdir(folder)
    if os.listdir():
        empty = os.urandom(8).hex()
        os.mkdir(empty)
        os.chdir(empty)


def _end_everybody_else() -> None:
    """As pid 1 we reach every process of the sample but ourselves."""
    while os.getpid() == 1 and kill_everybody():
        with contextlib.suppress(ChildProcessError):
            os.waitpid(-1, 0)


def _answer_calls(channel: int, source: str) -> None:
    module = types.ModuleType("program")
    sys.modules["program"] = module
    try:
        exec(compile(source, "main.py", "exec", dont_inherit=True), module.__dict__)
        write_bytes(channel, _LOADED)
    except BaseException as error:
        write_bytes(channel, encode_raised(error))
    while call := read_bytes(channel):
        write_bytes(channel, _answer(module, call))


def _answer(module: types.ModuleType, call: bytes) -> bytes:
    name, args, kwargs = decode_call(call)
    before = [snapshot(argument) for argument in args]
    try:
        result = getattr(module, name)(*args, **kwargs)
    except BaseException as error:
        return encode_raised(error)
    changed = {
        index: _encoded(argument)
        for index, argument in enumerate(args)
        if (was := before[index]) is not None and was != snapshot(argument)
    }
    for index, argument in enumerate(args):
        if result is argument and isinstance(result, (list, dict, set, bytearray, deque)):
            return encode_answer(encode_reference(index), changed)
    return encode_answer(_encoded(result), changed)


def _encoded(value: object) -> bytes:
    try:
        return encode(value, _opaque)
    except (CodecError, RecursionError) as error:
        why = str(error) if isinstance(error, CodecError) else "the value is nested too deep"
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
