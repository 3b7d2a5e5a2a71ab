"""What a candidate raises reaches its tests as what it is, and can pass them by in no way."""

import socket
from collections.abc import Callable, Iterator
from itertools import starmap

import pytest

from sandbox.program import Limits
from sandbox.split.calls import encode_raised
from sandbox.split.link import CandidateLink
from sandbox.split.proxies import CandidateLeftError, Channel, FunctionProxy
from sandbox.wire.texts import read_bytes, write_bytes


class Silent:
    """A candidate without a process."""

    def pid(self) -> int:
        return 0


@pytest.fixture
def raising() -> Iterator[Callable[..., FunctionProxy]]:
    """A function of a candidate that raises what it is told to, once, as its tests see it."""
    ours, its = socket.socketpair()

    def raising(error: BaseException, tests: str = "") -> FunctionProxy:
        channel = Channel(CandidateLink(ours.fileno(), ours.fileno(), Silent(), Limits(), lambda: 0.0, lambda: None))
        channel.tests = tests
        write_bytes(its.fileno(), encode_raised(error))
        return FunctionProxy(channel, "f")

    with ours, its:
        yield raising
        assert read_bytes(its.fileno())


ITERATIONS: dict[str, Callable[[FunctionProxy], object]] = {
    "map": lambda f: list(map(f, [1, 2])),
    "for": lambda f: [x for x in map(f, [1, 2])],  # noqa: C416
    "all": lambda f: all(map(f, [1])),
    "zip": lambda f: list(zip(map(f, [1]), [1], strict=True)),
    "filter": lambda f: list(filter(f, [1])),
    "sentinel": lambda f: list(iter(f, 1)),
    "starmap": lambda f: list(starmap(f, [(1,)])),
    "next with a default": lambda f: next(map(f, [1]), None),
    "sorted": lambda f: sorted([1, 2], key=f),
    "generator": lambda f: list(f(x) for x in [1]),  # noqa: C400
    "dict": lambda f: dict(map(f, [1])),  # type: ignore[arg-type]
    "join": lambda f: "".join(map(f, [1])),
}


@pytest.mark.parametrize("error", [StopIteration, StopAsyncIteration])
@pytest.mark.parametrize("name", ITERATIONS)
def test_an_exception_that_ends_iterations_does_not_end_the_tests(raising, error: type[Exception], name: str):
    with pytest.raises(Exception, match=f"{error.__name__} raised by the candidate"):
        ITERATIONS[name](raising(error()))


def test_tests_that_name_it_get_it(raising):
    with pytest.raises(StopIteration):
        raising(StopIteration(), "try: f(1)\nexcept StopIteration: pass")(1)


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt, GeneratorExit, BaseException])
def test_what_is_no_exception_is_none_to_the_tests_either(raising, error: type[BaseException]):
    with pytest.raises(CandidateLeftError, match=f"{error.__name__} raised by the candidate"):
        raising(error())(1)
    assert not issubclass(CandidateLeftError, Exception)


def test_a_system_exit_that_the_tests_expect_is_one(raising):
    with pytest.raises(SystemExit):
        raising(SystemExit(1), "with raises(SystemExit): f(1)")(1)


class OwnError(Exception):
    """Of the candidate's."""


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ValueError("x"), ValueError),
        (AssertionError(), AssertionError),
        (KeyError(1), KeyError),
        (UnicodeDecodeError("utf-8", b"", 0, 1, ""), Exception),
        (BaseExceptionGroup("x", [SystemExit()]), CandidateLeftError),
        (OwnError(), Exception),
    ],
)
def test_other_exceptions_arrive_as_their_built_in_type(raising, error: BaseException, kind: type[BaseException]):
    with pytest.raises(BaseException) as caught:  # noqa: PT011
        raising(error)(1)
    assert type(caught.value) is kind
