"""Plain values cross exactly; everything else is refused before it can do harm."""

import contextlib
import math
import re
import struct
from collections import Counter, OrderedDict, defaultdict, deque
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.split.codec import MAX_DEPTH, CodecError
from sandbox.split.decoder import decode
from sandbox.split.encoder import encode

plain = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(), st.binary(),
        st.complex_numbers(allow_nan=False),
    ),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=20,
)  # fmt: skip


def same(a, b) -> bool:
    if type(a) is not type(b):
        return False
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict):
        return list(map(repr, a)) == list(map(repr, b)) and all(same(a[k], b[k]) for k in a)
    return a == b


@given(plain)
def test_plain_values_cross_with_their_exact_types(value):
    assert same(decode(encode(value)), value)


@pytest.mark.parametrize(
    "value",
    [
        {1, "a", None}, frozenset([(1, 2)]), bytearray(b"x"), range(3, 9, 2), Counter("aab"), OrderedDict(b=1, a=2),
        deque([1, 2]), Decimal("1.10"), Fraction(1, 3), -0.0, float("inf"), 10**5000, "\ud800", {(1, None): {2}},
        ..., int, dict, True,
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_other_builtins_cross(value):
    crossed = decode(encode(value))
    assert crossed == value
    assert type(crossed) is type(value)
    assert math.copysign(1, crossed) == -1 if value == 0.0 and isinstance(value, float) else True


@given(st.lists(st.integers(), min_size=4) | st.lists(st.floats(allow_nan=False), min_size=4))
def test_many_numbers_cross_at_once(numbers):
    for value in (numbers, tuple(numbers)):
        assert same(decode(encode(value)), value)


@pytest.mark.parametrize(
    "data", [b"PSq\x01\x00\x00\x00" + bytes(8), b"Plx\x01\x00\x00\x00" + bytes(8), b"Plq\xff\xff\xff\xff", b"Plq"]
)
def test_packed_numbers_of_another_shape_are_refused(data: bytes):
    with pytest.raises(CodecError):
        decode(data)


def test_nan_crosses():
    assert math.isnan(decode(encode(float("nan"))))


def test_a_default_factory_does_not_cross_but_the_content_does():
    crossed = decode(encode(defaultdict(list, {1: [2]})))
    assert type(crossed) is defaultdict
    assert crossed == {1: [2]}
    assert crossed.default_factory is None


class AlwaysEqual:
    def __eq__(self, other):
        return True


@pytest.mark.parametrize(
    "value",
    [AlwaysEqual(), object(), len, print, AlwaysEqual, open, math],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_anything_else_is_refused(value):
    with pytest.raises(CodecError, match="cannot cross"):
        encode(value)


def test_depth_is_bounded():
    deep: list = []
    for _ in range(MAX_DEPTH + 1):
        deep = [deep]
    with pytest.raises(CodecError, match="deeper"):
        encode(deep)
    with pytest.raises(CodecError, match="deeper"):
        decode(b"l\x01\x00\x00\x00" * 10_000 + b"N")


def test_size_and_digits_are_bounded():
    with pytest.raises(CodecError, match="16 MiB"):
        encode(["x" * (1 << 20)] * 17)
    with pytest.raises(CodecError, match="million bits"):
        encode(1 << 2_000_000)
    with pytest.raises(CodecError, match="million bits"):
        decode(b"i" + struct.pack("<I", 1 << 20) + b"\x01" * (1 << 20))


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_a_value_or_a_codec_error(data: bytes):
    with contextlib.suppress(CodecError):
        decode(data)


def test_a_count_larger_than_its_bytes_allocates_nothing():
    with pytest.raises(CodecError, match="more items"):
        decode(b"l\xff\xff\xff\xff")


def test_containers_that_take_more_memory_than_bytes_are_bounded():
    count = 1_000_001
    data = b"l" + count.to_bytes(4, "little") + b"q\0\0\0\0" * count
    with pytest.raises(CodecError, match="more than a million containers"):
        decode(data)


UNBOUNDED = {
    "integer": (1 << 2_000_000, b"i" + struct.pack("<I", 1 << 18) + b"\x01" * (1 << 18), "million bits"),
    "decimal": (Decimal("1e999999999"), b"M\x0b\0\0\x001e999999999", "10,000 digits"),
    "small decimal": (Decimal("-1e-999999"), b"M\x0a\0\0\x00-1e-999999", "10,000 digits"),
    "long decimal": (Decimal("7" * 20_000), b"M" + struct.pack("<I", 40_000) + b"7" * 40_000, "Decimal|10,000 digits"),
    "fraction": (Fraction(1, 1 << 70_000), b"Q" + encode(1) + encode(1 << 70_000), "65,536 bits"),
    "range": (range(10**10), b"r" + encode(0) + encode(10**10) + encode(1), "million items"),
}


@pytest.mark.parametrize("name", UNBOUNDED)
def test_a_number_without_bound_crosses_as_the_name_of_its_bound(name: str):
    value, data, bound = UNBOUNDED[name]
    crossed = decode(encode([value, 1], lambda _: b""), (), lambda *described: described)
    assert crossed[1] == 1
    assert re.search(bound, crossed[0][0])
    assert crossed[0][1:] == (True, False)
    with pytest.raises(CodecError, match=bound):  # from a candidate that writes what encode would not
        decode(data, (), lambda *described: described)


@pytest.mark.parametrize(
    "value",
    [Decimal("1e10000"), Decimal("1e-10000"), Decimal("nan"), Decimal("-inf"), Fraction(1 << 60_000, 3), range(10**6)],
    ids=lambda value: type(value).__name__,
)
def test_numbers_within_their_bounds_cross(value):
    crossed = decode(encode(value, lambda _: b""), (), lambda *described: described)
    assert crossed == value or (value != value and crossed != crossed)


def test_the_tests_may_say_numbers_of_any_size():
    for value in (Decimal("1e99999"), range(10**10)):
        assert decode(encode(value)) == value


@pytest.mark.parametrize("parts", [("1e999999999", None), (1.5, 1), (True, 1), (1, 0)])
def test_a_fraction_is_made_of_two_integers(parts):
    with pytest.raises(CodecError):
        decode(b"Q" + encode(parts[0]) + encode(parts[1]))
