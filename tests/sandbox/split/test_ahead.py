"""Results that tests ask for ahead are those of calls one after another, and so is the verdict."""

import marshal
import socket
from collections.abc import Iterator

import pytest

from sandbox.outcome import Confirmation, Ending, Outcome
from sandbox.program import Limits, Program, SplitTests
from sandbox.split.calls import decode_calls, encode_answer, encode_raised
from sandbox.split.encoder import encode
from sandbox.split.link import CandidateLink
from sandbox.split.proxies import Channel
from sandbox.wire.texts import read_bytes, write_bytes

ONE_BY_ONE = "def results(f, inputs): return (f(*each) for each in inputs)\n"
AHEAD = "import marshal\ndef results(f, inputs): return getattr(f, '.results')(marshal.dumps(inputs))\n"
WAYS = {"one by one": ONE_BY_ONE, "ahead": AHEAD}


class Silent:
    """A candidate without a process."""

    def pid(self) -> int:
        return 0


@pytest.fixture
def confirm(sandbox):
    """Has tests ask a candidate for f(0), f(1), ... f(99) in one of the ways."""

    def run(candidate: str, expected: str, way: str, call_cpu_seconds: float = 0.0) -> Outcome:
        tests = f"for n, got in enumerate(results(f, [[n] for n in range(100)])):\n    assert got == {expected}, n\n"
        split = SplitTests(candidate, WAYS[way], tests, ("f",), call_cpu_seconds=call_cpu_seconds)
        limits = Limits(memory_mb=256, cpu_seconds=5.0)
        program = Program("python", {"main.py": ""}, limits=limits, split=split, split_alone=True)
        [(_, outcome)] = sandbox.run([(0, program)])
        return outcome

    return run


@pytest.fixture
def channel() -> Iterator[tuple[Channel, socket.socket]]:
    ours, its = socket.socketpair()
    with ours, its:
        yield Channel(CandidateLink(ours.fileno(), ours.fileno(), Silent(), Limits(), lambda: 0.0, lambda: None)), its


CANDIDATES = {
    "right": "def f(n): return n * n",
    "keeps a state": "seen = []\ndef f(n):\n    seen.append(n)\n    return sum(seen) * 0 + len(seen) ** 2 - 2 * n - 1",
    "wrong": "def f(n): return n * n if n < 30 else 0",
    "raises": "def f(n): return n * n if n < 30 else 1 / 0",
    "leaves": "def f(n): return n * n if n < 30 else exit()",
    "ends": "import os\ndef f(n): return n * n if n < 30 else os._exit(0)",
    "wrong, ends behind": "import os\ndef f(n): return n * n if n < 30 else 0 if n == 30 else os._exit(0)",
    "wrong, waits behind": "import time\ndef f(n): return n * n if n < 30 else 0 if n == 30 else time.sleep(60)",
    "wrong, fills memory behind": (
        "import time\ndef f(n): return n * n if n < 30 else 0 if n == 30 else bytearray(1 << 30) and time.sleep(60)"
    ),
    "fills memory": "def f(n): return n * n if n < 30 else len(bytearray(1 << 30))",
    "replaces itself": "def g(n): return -1\ndef f(n):\n    if n == 50: globals()['f'] = g\n    return n * n",
    "says more": "import os\ndef f(n):\n    if n == 30: os.write(3, b'=' * 9)\n    return n * n",
    "an object": "class A: pass\ndef f(n): return n * n if n < 30 else A()",
}


@pytest.mark.parametrize("name", CANDIDATES)
def test_the_verdict_is_that_of_calls_one_by_one(confirm, name: str):
    one, other = (confirm(CANDIDATES[name], "n * n", way) for way in WAYS)
    assert (one.confirmation is Confirmation.HELD) == (name in ("right", "keeps a state"))
    assert other.confirmation is one.confirmation
    assert other.confirmation_detail == one.confirmation_detail
    assert other.assertions == one.assertions


def test_a_call_has_a_limit_of_its_own_among_others(confirm):
    endless = "def f(n):\n    while n == 30: pass\n    return n * n"
    found = [confirm(endless, "n * n", way, call_cpu_seconds=0.2) for way in WAYS]
    assert [each.ending for each in found] == [Ending.CPU_LIMIT] * 2
    assert all("in one call" in each.detail or "in one call" in each.confirmation_detail for each in found)


def test_many_quick_calls_together_have_the_limit_of_all(confirm):
    found = confirm("def f(n):\n    for _ in range(10**7): pass\n    return n * n", "n * n", "ahead", 5.0)
    assert found.ending is Ending.CPU_LIMIT


def test_arguments_stay_as_they_were(channel: tuple[Channel, socket.socket]):
    tests, its = channel
    inputs = [[[1]], [[2]]]
    for _ in inputs:
        write_bytes(its.fileno(), encode_answer(encode(7), {}))
    assert list(tests.results("f", marshal.dumps(inputs))) == [7, 7]
    assert decode_calls(read_bytes(its.fileno()) or b"") == ("f", inputs)
    assert tests.last_call == ("f", [[2]])


@pytest.mark.parametrize("answer", [encode_answer(encode(7), {0: encode([9])}), encode_answer(b"R" + bytes(4), {})])
def test_an_answer_about_arguments_is_none(channel: tuple[Channel, socket.socket], answer: bytes):
    tests, its = channel
    write_bytes(its.fileno(), answer)
    with pytest.raises(BaseException, match="the candidate sent what is no answer"):
        next(tests.results("f", marshal.dumps([[[1]]])))


def test_what_comes_behind_an_exception_is_not_taken(channel: tuple[Channel, socket.socket]):
    tests, its = channel
    for answer in (encode_answer(encode(1), {}), encode_raised(ValueError()), encode_answer(encode(3), {})):
        write_bytes(its.fileno(), answer)
    results = tests.results("f", marshal.dumps([[1], [2], [3]]))
    assert next(results) == 1
    with pytest.raises(ValueError, match="raised by the candidate"):
        next(results)
    assert list(results) == []
    assert (tests.calls, tests.asked_ahead) == (2, 1)
