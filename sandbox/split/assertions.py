"""Records each assertion of trusted tests in Python, and goes on after one that does not hold.

The tests run as they are, but that each `assert` tells a recorder what came of it. The first failure that nothing among
the tests would have caught settles the verdict, as it always did; what comes after it is counted, and moves nothing.
"""

import ast
import itertools
import reprlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType, FrameType
from typing import Any

from sandbox.python.precompile import compile_tests
from sandbox.split.calls import Raised, decode_call
from sandbox.split.link import CandidateGoneError, LimitReachedError
from sandbox.split.proxies import OPAQUE_TYPE, CandidateLeftError, Channel, OpaqueValue

_frame_of_caller: Callable[[int], FrameType] = sys._getframe  # pyright: ignore[reportPrivateUsage]

_MOST_TOLD = 1000
_MOST_CHARACTERS = 300
_FILE = "tests.py"
_MOST_BITS = 1000
_QUICK = (ast.Name, ast.Constant, ast.List, ast.Tuple, ast.BinOp, ast.operator, ast.UnaryOp, ast.unaryop, ast.Load)
"""Nodes that are evaluated once more to show a value: they were evaluated just before, and call nothing."""
_LOAD = ast.Load()
_HELD, _FAILED = ".held", ".failed"
"""No text of tests can spell such names."""
_GOES_ON = (Exception, CandidateGoneError, LimitReachedError, CandidateLeftError)
"""What fails an assertion; all else ends the tests."""


@dataclass(frozen=True, slots=True)
class RecordedTests:
    """Tests of which each `assert` tells a recorder whether it held."""

    code: CodeType
    source: str
    places: Sequence[ast.expr] = ()
    """Where in the source each condition stands: nodes without content, as tests may hold large values."""
    guarded: frozenset[int] = frozenset()
    """Lines of `try` and `with` statements: there the tests may make something else of a failure."""

    def asserted(self, place: int) -> ast.expr:
        """The condition of an assertion."""
        return ast.parse(f"({ast.get_source_segment(self.source, self.places[place])})", mode="eval").body


@lru_cache(maxsize=512)
def recorded(tests: str) -> RecordedTests:
    """The code of trusted tests, which samples of one problem share. Assertions of a true constant are none.

    Raises what `compile` does.
    """
    if "assert" not in tests:
        return RecordedTests(compile_tests(tests, _FILE), tests)
    try:
        tree = ast.parse(tests, _FILE)
        blocks = list(_blocks(tree))
        guarded = {
            line
            for node in itertools.chain.from_iterable(blocks)
            if isinstance(node, (ast.Try, ast.TryStar, ast.With, ast.AsyncWith))
            for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
        }
        places: list[ast.expr] = []
        for block in blocks:
            for index, node in enumerate(block):
                if isinstance(node, ast.Assert) and not (isinstance(node.test, ast.Constant) and node.test.value):
                    block[index] = _recording(node, len(places))
                    places.append(ast.copy_location(ast.Constant(None), node.test))
        return RecordedTests(compile(tree, _FILE, "exec", dont_inherit=True), tests, places, frozenset(guarded))
    except RecursionError:  # a tree may be nested too deep where its text is not
        return RecordedTests(compile_tests(tests, _FILE), tests)


class AssertionRecorder:
    """What came of the assertions of one run of tests."""

    def __init__(self, channel: Channel, settle: Callable[[BaseException], None] | None) -> None:
        """`settle` is told the first failure, and settles the verdict. Without it the tests end there."""
        self._tests: RecordedTests | None = None
        self._channel = channel
        self._settle = settle
        self._next_number = itertools.count().__next__
        """The cheapest way to count those that hold: nothing of Python's is executed."""
        self._failed: list[int] = []
        self._first: Mapping[str, str] = {}
        self._passed_on: tuple[BaseException | None, int] = (None, -1)
        """A failure that the tests may handle, and its place."""

    def run(self, tests: str, namespace: dict[str, Any]) -> None:
        """Executes the tests. Raises what they raise, or what `compile` does."""
        self._tests = recorded(tests)
        namespace |= {_HELD: self._next_number, _FAILED: self._note}
        exec(self._tests.code, namespace)

    def note_end(self, error: BaseException) -> None:
        """Notes what the tests ended with: a failure as well, unless it came behind one."""
        if not self._failed:
            self._failed.append(self._next_number())
            passed_on, place = self._passed_on
            with suppress(Exception):  # words about a failure must not be in the way of the verdict
                self._first = self._describe(place if error is passed_on else -1, error, None)

    def told(self) -> list[dict[str, Any]]:
        """Each assertion that was reached, in their order, as testers of other languages tell them.

        Tests that assert nothing are one.
        """
        is_one = self._tests is not None and not self._tests.places
        count, failed = self._next_number() or int(is_one), set(self._failed)
        told: list[dict[str, Any]] = [{"n": n, "ok": n not in failed} for n in range(min(count, _MOST_TOLD))]
        if self._failed:
            first = self._failed[0]
            told[min(first, _MOST_TOLD - 1)] = {"n": first, "ok": False, **self._first}
        return told

    def _note(self, place: int) -> None:
        """Called where an assertion failed. Raises the failure again unless the tests go on."""
        error, frame = sys.exception(), _frame_of_caller(1)
        assert error
        if self._settle is None or not isinstance(error, _GOES_ON) or not self._reaches_the_top(frame):
            self._passed_on = error, place
            raise error
        if not self._failed:
            self._settle(error)
            with suppress(Exception):  # as above
                self._first = self._describe(place, error, frame)
        self._failed.append(self._next_number())
        if len(self._failed) >= _MOST_TOLD or self._channel.inexpressible:
            raise error

    def _reaches_the_top(self, frame: FrameType | None) -> bool:
        """Whether nothing that is at work would catch a failure: neither the tests nor a library that called them."""
        guarded = self._tests.guarded if self._tests else ()
        while frame and frame.f_code.co_filename == _FILE and frame.f_lineno not in guarded:
            if frame.f_code.co_name == "<module>":
                return True
            frame = frame.f_back
        return False

    def _describe(self, place: int, error: BaseException, frame: FrameType | None) -> Mapping[str, str]:
        channel = self._channel
        found: dict[str, str] = {}
        if channel.last_call:
            call = channel.last_call
            name, args, kwargs = decode_call(call) if isinstance(call, bytes) else (*call, {})
            words = [*map(shown, args), *(f"{key}={shown(value)}" for key, value in kwargs.items())]
            found["call"] = f"{name}({', '.join(words)})"
        if self._tests and place >= 0:
            compared = frame if isinstance(error, AssertionError) else None
            found["expected"] = _expected(self._tests.asserted(place), compared)
        if channel.gone:
            found["got"] = str(channel.gone)
        elif channel.last_call and isinstance(channel.answer, Raised):
            found["got"] = f"raised {channel.answer.type_name}"
        else:
            found["got"] = shown(channel.answer) if channel.last_call else f"{type(error).__name__}: {error}"
        return {name: _bounded(text) for name, text in found.items()}


def shown(value: object) -> str:
    """A plain value as a report shows it: bounded, and the same each time."""
    try:
        return _bounded(_SHORT.repr(value))
    except Exception:
        return f"a value of type {type(value).__name__}"


class _ShortRepr(reprlib.Repr):
    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 8
        self.maxtuple = self.maxlist = self.maxdict = self.maxset = self.maxfrozenset = self.maxdeque = 40
        self.maxstring = self.maxother = self.maxlong = _MOST_CHARACTERS

    def repr_int(self, x: int, level: int) -> str:
        if x.bit_length() > _MOST_BITS:  # to write out all of its digits may take long, or be refused
            return f"an int of {x.bit_length()} bits"
        return super().repr_int(x, level)

    def repr_bytes(self, value: bytes, _level: int) -> str:
        return repr(value[:_MOST_CHARACTERS])

    def repr_OpaqueValue(self, value: OpaqueValue, _level: int) -> str:  # noqa: N802 (as reprlib finds it)
        return f"<{value.__dict__[OPAQUE_TYPE]}>"


_SHORT = _ShortRepr()


def _bounded(text: str) -> str:
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}..."


def _expected(asserted: ast.expr, frame: FrameType | None) -> str:
    """What an answer is compared with, values in place of names; all that is asserted where that is no equality."""
    if not (isinstance(asserted, ast.Compare) and [type(each) for each in asserted.ops] == [ast.Eq]):
        return ast.unparse(asserted)
    left, right = asserted.left, asserted.comparators[0]
    is_left = not _calls(left) and (_calls(right) or (not _names(left) and _names(right)))
    side = left if is_left else right
    if frame and _names(side) and all(isinstance(node, _QUICK) for node in ast.walk(side)):
        return shown(eval(compile(ast.Expression(side), _FILE, "eval"), frame.f_globals, frame.f_locals))
    return ast.unparse(side)


def _recording(assertion: ast.Assert, place: int) -> ast.stmt:
    """The assertion, and what tells the recorder: `.held()` behind it, or `.failed(place)`, which may raise again."""
    line = assertion.lineno
    at: dict[str, Any] = {"lineno": line, "col_offset": 0, "end_lineno": line, "end_col_offset": 0}
    failed = ast.Call(ast.Name(_FAILED, _LOAD, **at), [ast.Constant(place, **at)], [], **at)
    held = ast.Call(ast.Name(_HELD, _LOAD, **at), [], [], **at)
    handler = ast.ExceptHandler(None, None, [ast.Expr(failed, **at)], **at)
    return ast.Try([assertion], [handler], [ast.Expr(held, **at)], [], **at)


def _blocks(tree: ast.Module) -> Iterator[list[ast.stmt]]:
    """Every list of statements."""
    waiting: list[Any] = [tree]
    while waiting:
        node = waiting.pop()
        for name in ("body", "orelse", "finalbody"):
            if block := getattr(node, name, None):
                waiting += block
                yield block
        waiting += [*getattr(node, "handlers", ()), *getattr(node, "cases", ())]


def _calls(side: ast.expr) -> bool:
    return any(isinstance(node, (ast.Call, ast.Await)) for node in ast.walk(side))


def _names(side: ast.expr) -> bool:
    return any(isinstance(node, ast.Name) for node in ast.walk(side))
