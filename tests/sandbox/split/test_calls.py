"""A call reaches the candidate with its exact arguments; what comes back is an answer or refused."""

import contextlib
from collections import Counter, OrderedDict, deque
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.split.calls import (
    Answered,
    Raised,
    decode_answer,
    decode_call,
    encode_answer,
    encode_call,
    encode_raised,
    snapshot,
)
from sandbox.split.codec import MAX_DEPTH, CodecError
from sandbox.split.encoder import encode
from tests.sandbox.split.test_codec import plain, same


def crossed(*args, **kwargs):
    name, arrived, named = decode_call(encode_call("f", args, kwargs))
    assert (name, type(arrived), type(named)) == ("f", tuple, dict)
    return arrived, named


def answer(data: bytes, *args):
    return decode_answer(data, args, lambda name, truth, own: (name, truth, own))


@given(st.lists(plain, max_size=3), st.dictionaries(st.text(), plain, max_size=3))
def test_plain_arguments_arrive_with_their_exact_types(args, kwargs):
    arrived, named = crossed(*args, **kwargs)
    assert same(list(arrived), args)
    assert same(named, kwargs)


@pytest.mark.parametrize(
    "value",
    [
        bytearray(b"x"), [bytearray(b"x")], {"a": (1, bytearray(b"x"))}, {1, (2, 3)}, frozenset([1]), Counter("aab"),
        OrderedDict(b=1, a=2), deque([1]), range(3), Decimal("1.10"), int, ..., 10**4000, "\ud800", [True, 1, 1.0],
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_other_arguments_arrive_with_theirs(value):
    [arrived], _ = crossed(value)
    assert repr(arrived) == repr(value)
    assert type(arrived) is type(value)


def test_arguments_that_are_one_object_arrive_as_two():
    shared = [1]
    (first, second), _ = crossed(shared, [shared, shared])
    assert first is not second[0]
    assert second[0] is not second[1]


def test_too_much_is_refused():
    deep = [[]]
    for _ in range(MAX_DEPTH + 1):
        deep = [deep]
    for value in (deep, b"x" * (17 << 20), memoryview(b"x"), lambda: None):
        with pytest.raises(CodecError):
            encode_call("f", (value,), {})


@pytest.mark.parametrize(
    ("argument", "change"),
    [
        ([1, [2]], lambda value: value[1].append(3)),
        ({"a": 1}, lambda value: value.update(a=2)),
        ({1}, lambda value: value.add(2)),
        (bytearray(b"x"), lambda value: value.extend(b"y")),
        (deque([1]), lambda value: value.appendleft(0)),
        (Counter("a"), lambda value: value.update("a")),
        (([1],), lambda value: value[0].clear()),
        ([1], lambda value: value.__setitem__(0, True)),
        ([1], lambda value: value.__setitem__(0, object)),
        ([1], lambda value: value.append(value)),
    ],
)
def test_a_snapshot_tells_a_change(argument, change):
    before = snapshot(argument)
    assert snapshot(argument) == before
    change(argument)
    assert snapshot(argument) != before


@pytest.mark.parametrize("value", [1, 2.5, "x", None, True, b"x", 1j])
def test_what_cannot_change_needs_no_snapshot(value):
    assert snapshot(value) is None


def test_answers_come_back():
    assert answer(encode_answer(encode([1]), {})) == Answered([1], {})
    assert answer(encode_answer(encode(None), {1: encode({2})}), 0, {1}) == Answered(None, {1: {2}})
    assert answer(encode_raised(ValueError("secret"))) == Raised("ValueError")


@pytest.mark.parametrize(
    "data",
    [
        b"", b"=", b"?", b"m", encode(1), b"=" + encode(1) + b"x", b"~" + encode(1), b"~" + encode((1, [2])),
        b"~" + encode((1, {1: 2})), b"~" + encode((1, {-1: 2})), b"~" + encode((1, {"0": 2})),
        b"~" + encode((1, {True: 2})), b"~" + encode((1, {}, 3)), b"=R\x05\x00\x00\x00",
    ],
)  # fmt: skip
def test_what_is_no_answer_is_refused(data):
    with pytest.raises(CodecError):
        answer(data, [0])


@given(st.binary())
def test_no_bytes_do_worse(data):
    with contextlib.suppress(CodecError):
        assert isinstance(answer(data, [0]), (Answered, Raised))
