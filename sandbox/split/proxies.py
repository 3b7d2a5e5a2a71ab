"""The tests' side of split mode: proxies of the candidate's functions, and of values that could not cross.

A call goes over the channel as plain values and comes back the same way; arguments that the candidate changed are
changed here too, in place.
"""

import builtins
import marshal
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any, NoReturn, cast

from sandbox.split.calls import Answered, Raised, decode_answer, encode_call, encode_calls
from sandbox.split.codec import CodecError
from sandbox.split.link import CandidateGoneError, CandidateLink, LimitReachedError
from sandbox.wire.texts import framed

_MUTABLE = (list, dict, set, bytearray, deque, tuple)


OPAQUE_TYPE = ".type"
"""Where an opaque value keeps the name of its type: no attribute that tests can ask for."""
RESULTS = ".results"
"""Where a function keeps `Channel.results` of its own, likewise: tests that a benchmark brings call functions alone."""
_FIRST_AHEAD, _GROWTH = 8, 4
"""How many results are asked for at first, and how many times as many next: most that fail do so early."""


class InexpressibleError(BaseException):
    """The tests need something that plain values cannot carry. No test's own `except Exception` catches it."""


class CandidateLeftError(BaseException):
    """The candidate raised what is no Exception, such as SystemExit: no test's `except Exception` catches it."""


class OpaqueValue:
    """Stands for a result that could not cross: it can be held and passed over, not used.

    Its truth value is plain and did cross. It is equal to no plain value: so an object of the program's own that
    claims to equal everything fails here, while a result of somebody else's type (an array) is nobody's lie, and to
    compare it is inexpressible.
    """

    def __init__(self, type_name: str, truth: bool | None, own: bool, refuse: Callable[[str], NoReturn]) -> None:
        article = "an" if type_name[:1] in "aeiou" else "a"
        why = f"the tests use {article} {type_name}, which cannot cross"
        self.__dict__[OPAQUE_TYPE] = type_name
        self.__dict__.update(truth=truth, own=own, refuse=lambda: refuse(why))

    def __bool__(self) -> bool:
        return self.refuse() if self.truth is None else self.truth

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if self.own and not isinstance(other, OpaqueValue):
            return False
        self.refuse()
        return False

    def __hash__(self) -> int:
        return self.refuse()

    def __getattr__(self, name: str) -> Any:
        self.refuse()


def _refuse(value: OpaqueValue, *_: object) -> NoReturn:
    value.refuse()
    raise AssertionError


_OPERATIONS = (
    "len", "iter", "next", "call", "getitem", "setitem", "delitem", "contains", "lt", "le", "gt", "ge", "add",
    "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv", "floordiv", "rfloordiv", "mod", "rmod", "pow", "rpow",
    "and", "rand", "or", "ror", "xor", "rxor", "neg", "pos", "abs", "invert", "round", "int", "float", "index", "str",
    "format", "setattr",
)  # fmt: skip

for _name in _OPERATIONS:
    setattr(OpaqueValue, f"__{_name}__", _refuse)


class Channel:
    """The tests' end of the pipe to one candidate."""

    def __init__(self, link: CandidateLink) -> None:
        self._link = link
        self.inexpressible = ""
        """Why plain values did not do, once they did not; remembered even where a test catches the exception."""
        self.gone: CandidateGoneError | LimitReachedError | None = None
        """How the candidate's end was noticed, likewise."""
        self.calls = 0
        """How many were made."""
        self.last_call: bytes | tuple[str, list[Any]] = b""
        """The last call, as it was before the candidate could change its arguments: name and arguments, or as
        `encode_call` has them; empty before the first."""
        self.goes_ahead = True
        """Whether the candidate may be asked for several results at once."""
        self.asked_ahead = 0
        """How many results it was asked for beyond the one that is waited for."""
        self.answer: Any = None
        """What came of it; None also where nothing did."""
        self.tests = ""
        """The source of the tests: what they name there, they expect."""

    def refuse(self, why: str) -> NoReturn:
        """Ends the tests: they cannot be expressed without the candidate."""
        self.inexpressible = why
        raise InexpressibleError(why)

    def start(self, candidate: bytes) -> None:
        """Hands over the program without its tests (see `encode_candidate`); returns once its last line was reached."""
        with suppress(CandidateGoneError):  # that it could not start is then what there is to read
            self._link.send(framed(candidate))
        self._link.await_start()
        self._receive(())

    def call(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Calls the candidate's function `name`."""
        self.calls += 1
        try:
            request = encode_call(name, args, kwargs)
        except CodecError as error:
            self.refuse(f"an argument of {name} cannot cross: {error}")
        if self.gone:  # what still arrives answers an earlier call
            raise self.gone
        self.last_call, self.answer = request, None
        self._link.begin_call()
        self._send(request)
        result, changed = self._receive(args)
        for index, content in changed.items():
            if not _overwrite(args[index], content):
                self._give_up(CandidateGoneError("the candidate changed the type of an argument"))
        self.answer = result
        return result

    def results(self, name: str, argument_lists: bytes) -> Iterator[Any]:
        """What the function returns for each list of arguments, in their order; what it does to them is not told.

        The lists are as `marshal` writes them, which knows plain values alone. Some calls are made ahead, so that not
        each has to wait for another process. The first that raises is the last.
        """
        waiting: list[list[Any]] = marshal.loads(argument_lists)
        most = _FIRST_AHEAD if self.goes_ahead else 1
        while waiting:
            asked, waiting = waiting[:most], waiting[most:]
            if self.gone:  # what still arrives answers an earlier call
                raise self.gone
            self._link.begin_call()
            self._send(encode_calls(name, asked))
            for number, args in enumerate(asked, 1):
                self.calls += 1
                self.asked_ahead = len(asked) - number
                self.last_call, self.answer = (name, args), None
                self._link.begin_call(others_follow=number < len(asked))
                self.answer = self._receive(()).result
                yield self.answer
            most *= _GROWTH if self.goes_ahead else 1

    def _send(self, request: bytes) -> None:
        try:
            self._link.send(framed(request))
        except (CandidateGoneError, LimitReachedError) as error:
            self._give_up(error)

    def _receive(self, args: tuple[Any, ...]) -> Answered:
        try:
            data = self._link.receive_frame()
            answer = decode_answer(data, args, lambda name, truth, own: OpaqueValue(name, truth, own, self.refuse))
        except CodecError as error:
            self._give_up(CandidateGoneError(f"the candidate sent what is no answer: {error}"))
        except (CandidateGoneError, LimitReachedError) as error:
            self._give_up(error)
        if isinstance(answer, Raised):
            self.answer = answer
            raise _exception_for_tests(answer.type_name, self.tests)
        return answer

    def _give_up(self, how: CandidateGoneError | LimitReachedError) -> NoReturn:
        self.gone = how
        raise how


class FunctionProxy:
    """A function of the candidate's, as the tests see it."""

    def __init__(self, channel: Channel, name: str) -> None:
        self._channel = channel
        self.__name__ = name
        self.__dict__[RESULTS] = partial(channel.results, name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._channel.call(self.__name__, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        self._channel.refuse(f"the tests use {self.__name__}.{name}, and only calls can cross")


_END_ITERATIONS = (StopIteration, StopAsyncIteration)


def _exception_for_tests(name: str, tests: str) -> BaseException:
    """What the tests see of an exception that the candidate raised.

    It must never pass them by: whatever iterates over calls of the candidate, such as `map`, would take a StopIteration
    for the end and leave out the assertions that follow (PEP 479 is about the same). So that is another exception,
    unless the tests name it.
    """
    kind = getattr(builtins, name, None)
    message = f"{name} raised by the candidate"
    if not (isinstance(kind, type) and issubclass(kind, BaseException)):
        return Exception(message)
    harmless = Exception(message) if issubclass(kind, Exception) else CandidateLeftError(message)
    if name not in tests and (isinstance(harmless, CandidateLeftError) or issubclass(kind, _END_ITERATIONS)):
        return harmless
    try:
        return kind("raised by the candidate")
    except TypeError:  # such as UnicodeDecodeError, which wants five arguments
        return harmless


def _overwrite(target: Any, content: Any) -> bool:
    """Gives a mutable argument its new content and leaves its identity; False where the types differ."""
    if type(target) is not type(content):
        return False
    if isinstance(target, list):
        target[:] = content
    elif isinstance(target, (dict, set)):
        cast("dict[Any, Any]", target).clear()
        cast("dict[Any, Any]", target).update(content)
    elif isinstance(target, (bytearray, deque)):
        cast("deque[Any]", target).clear()
        cast("deque[Any]", target).extend(content)
    elif isinstance(target, tuple):
        pairs = zip(cast("tuple[Any, ...]", target), content, strict=False)
        return all(_overwrite(old, new) for old, new in pairs if isinstance(old, _MUTABLE))
    return True
