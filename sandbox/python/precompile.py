"""Compiles a candidate once for both of its runs, in a process that executes nothing of it.

To compile is most of what a small program costs: a fresh fork pays for each page that it touches. What cannot be
compiled here, or not quietly, its own processes compile themselves, and fail or warn there as they always would.
"""

import __future__

import marshal
import re
import warnings
from functools import lru_cache
from types import CodeType

from sandbox.program import Program, SplitTests
from sandbox.wire.texts import framed
from sandbox.zygote.sample_kind import PYTHON_MAIN

_LONGEST_CHARACTERS = 1 << 16
"""Longer sources may take long to compile."""
_LARGEST_CODE_BYTES = 1 << 18
"""`"a" * 4096,` takes 12 characters of source, and 4,096 of code."""
_LOOKS_AT_ITSELF = re.compile(r"__builtins__|_getframe|f_code|tb_frame|inspect|linecache")
"""What a program needs that could tell in how many pieces it was compiled."""
_OPENS_A_DOCSTRING = frozenset({"", '"', "'", "r", "u", "R", "U"})
"""Which would be the whole module's, if the tests were compiled alone."""

_FUTURES = sum({int(getattr(__future__, name).compiler_flag) for name in __future__.all_feature_names})
"""Flags of code that a `__future__` was imported into. That of the oldest marks functions within functions as well, and
never a module's own code."""


def compile_quietly(source: str) -> CodeType | None:
    """The code of a candidate; None where it does not compile, or the compiler has a warning to give."""
    if len(source) > _LONGEST_CHARACTERS:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return compile(source, PYTHON_MAIN, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError, Warning):
        return None


@lru_cache(maxsize=512)
def compile_tests(source: str, name: str, lines_above: int = 0) -> CodeType:
    """The code of trusted text, which samples of one problem share, as if so many lines stood above it."""
    if lines_above:
        return _move_down(compile_tests(source, name), lines_above)
    return compile(source, name, "exec", dont_inherit=True)


def whole_code(candidate: CodeType, tests: str, lines_above: int) -> bytes:
    """What `sandbox.python.runner` executes in place of compiling the whole program: candidate, then tests.

    Empty where the program has to be compiled as a whole: a `__future__` of the candidate's, in whatever letters it is
    written, holds for its tests too; `marshal` writes functions within each other only to some depth; and the host
    keeps the code of a problem's samples in memory while they wait for each other.
    """
    if candidate.co_flags & _FUTURES:
        return b""
    try:
        code = framed(marshal.dumps(candidate)) + _marshalled_tests(tests, lines_above)
    except ValueError:
        return b""
    return code if len(code) <= _LARGEST_CODE_BYTES else b""


@lru_cache(maxsize=512)
def _marshalled_tests(source: str, lines_above: int) -> bytes:
    """Most samples of a problem have as many lines as others."""
    return framed(marshal.dumps(compile_tests(source, PYTHON_MAIN, lines_above)))


def lines_above_tests(program: Program) -> int | None:
    """How many lines of a whole program stand above its tests.

    None unless it does the same when it is compiled in two pieces: it has to be the candidate, then the tests, with
    line ends between them, and nothing in one that has a meaning for the other.
    """
    split, whole = program.split, program.files.get(PYTHON_MAIN, "")
    if not isinstance(split, SplitTests) or len(program.files) != 1:
        return None
    above = whole[: len(whole) - len(split.tests)]
    if whole != above + split.tests or above.rstrip("\n") != split.candidate.rstrip("\n") or not above.endswith("\n"):
        return None
    if _LOOKS_AT_ITSELF.search(above):
        return None
    if "\r" in above or split.tests.lstrip()[:1] in _OPENS_A_DOCSTRING:
        return None
    return above.count("\n")


def _move_down(code: CodeType, lines: int) -> CodeType:
    constants = tuple(_move_down(each, lines) if isinstance(each, CodeType) else each for each in code.co_consts)
    return code.replace(co_firstlineno=code.co_firstlineno + lines, co_consts=constants)
