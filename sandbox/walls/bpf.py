"""A small assembler for seccomp's BPF programs: 8 bytes an instruction, jumps forward only, at most 255 of them."""

import errno
import struct
from collections.abc import Iterable

LOAD, JUMP, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_ANY_BIT, RETURN = 0x20, 0x05, 0x15, 0x35, 0x45, 0x06
KILL, ALLOW, ERRNO = 0x80000000, 0x7FFF0000, 0x00050000
GRANTED = ERRNO
"""The call returns 0 and does nothing."""
NOT_PERMITTED = ERRNO | errno.EPERM

NUMBER, ARCHITECTURE = 0, 4
FIRST_ARGUMENT, SECOND_ARGUMENT, THIRD_ARGUMENT, FOURTH_ARGUMENT, SIXTH_ARGUMENT = 16, 24, 32, 40, 56
THIRD_ARGUMENT_HIGH = 36
"""Where the call lies in `struct seccomp_data`; of an argument, the low half."""


def statement(code: int, value: int) -> bytes:
    """One instruction that does not branch."""
    return struct.pack("HBBI", code, 0, 0, value)


def jump(code: int, value: int, if_true: int, if_false: int) -> bytes:
    """A test of what was loaded, and how many instructions it skips either way."""
    return struct.pack("HBBI", code, if_true, if_false, value)


def answer(values: Iterable[int], action: int) -> list[bytes]:
    """Tests that share one action, over which whatever matches none of them jumps."""
    numbers = list(values)
    tests = [jump(JUMP_EQUAL, number, len(numbers) - n, 0) for n, number in enumerate(numbers)]
    return [*tests, statement(JUMP, 1), statement(RETURN, action)]


def only(allowed: Iterable[range], error: int) -> list[bytes]:
    """Allows what lies in one of the ranges and answers everything else with an errno."""
    program: list[bytes] = []
    for each in allowed:
        program += [
            jump(JUMP_AT_LEAST, each.start, 0, 2),
            jump(JUMP_AT_LEAST, each.stop, 1, 0),
            statement(RETURN, ALLOW),
        ]
    return [*program, statement(RETURN, ERRNO | error)]


def unless_any_bit(bits: int, action: int) -> list[bytes]:
    """Gives `action` where any of these bits is set in what was loaded."""
    return [jump(JUMP_ANY_BIT, bits, 0, 1), statement(RETURN, action)]


def for_call(numbers: Iterable[int], argument: int, program: list[bytes]) -> list[bytes]:
    """Has `program` decide by the low half of an argument of these calls; what it does not answer is allowed."""
    body = [statement(LOAD, argument), *program, statement(RETURN, ALLOW)]
    numbers = list(numbers)
    tests = [jump(JUMP_EQUAL, number, len(numbers) - n, 0) for n, number in enumerate(numbers)]
    return [*tests, statement(JUMP, len(body)), *body]
