"""Rows of one's own: a prompt and what an answer to it is checked by.

Three kinds of checks: `tests` (assertions, or a test program), `calls` (a function's arguments and expected results)
and `stdio` (what a program is given on stdin, and what it must print).
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from sandbox.languages import languages_of_their_own
from wavebench.rewards.grade import Row
from wavebench.rewards.scale import RewardError

MOST_OUTPUT_BYTES = 64 * 1024
"""What the sandbox keeps of a program's output: a longer expected one could never be met."""
CALLED = ("python", "javascript", "java", "go", "cpp", "rust")
"""Languages in which rows may have calls."""
_KINDS = "tests (a list of assertions), calls with fn_name, or stdio"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the asked function, and what it must return."""

    args: tuple[Any, ...]
    expected: Any
    kwargs: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class StdioCase:
    """One run of the program."""

    stdin: str
    stdout: str


@dataclass(frozen=True, slots=True)
class OwnRow:
    """The checks of one row."""

    task_id: str
    """Its own id, else a hash of its checks: rows with the same checks are one problem."""
    language: str = "python"
    prompt: str = ""
    """A code prompt that an answer may continue; empty where it is words."""
    entry_point: str = ""
    setup: str = ""
    """Trusted code above the tests."""
    tests: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    stdio: tuple[StdioCase, ...] = ()


def own_row(row: Row, hidden: Mapping[str, Row]) -> OwnRow:
    """The checks that a row's columns name; `hidden` are those that rows name by `tests_ref`. Raises RewardError."""
    if reference := row.get("tests_ref"):
        if reference not in hidden:
            raise RewardError(
                f"tests_ref {reference!r} is in no line of the hidden tests ({len(hidden)} are known): "
                f"give the file that holds it as hidden_tests."
            )
        row = {**row, **hidden[reference]}
    language = str(row.get("language") or "python")
    if language not in languages_of_their_own():
        raise RewardError(f"unknown language {language!r}: take one of {', '.join(languages_of_their_own())}.")
    asserted = row.get("tests") or row.get("assert_case") or ()
    tests = (asserted,) if isinstance(asserted, str) else tuple(cast(Sequence[str], asserted))
    for line in tests:
        if not isinstance(line, str):  # pyright: ignore[reportUnnecessaryIsInstance] (a row may hold anything)
            raise RewardError(f"tests are assertions as text, not {line!r}.")
    calls, stdio = tuple(_calls(row)), tuple(_stdio(row))
    if sum(map(bool, (tests, calls, stdio))) != 1:
        raise RewardError(f"a row needs exactly one of {_KINDS}; this one has the columns {', '.join(map(str, row))}.")
    if calls and language not in CALLED:
        raise RewardError(f"calls are checked in {', '.join(CALLED)}, and this row is {language!r}: give it stdio.")
    if language != "python" and any(call.kwargs for call in calls):
        raise RewardError(f"calls in {language!r} have no keyword arguments: give args alone.")
    code = str(row.get("code_prompt") or "")
    facts = [language, code, str(row.get("setup") or ""), tests, *map(repr, calls), *map(repr, stdio)]
    digest = hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]
    return OwnRow(
        task_id=str(row.get("task_id") or f"row-{digest}"),
        language=language,
        prompt=code,
        entry_point=str(row.get("fn_name") or row.get("entry_point") or ""),
        setup=str(row.get("setup") or ""),
        tests=tests,
        calls=calls,
        stdio=stdio,
    )


def _calls(row: Row) -> Iterator[Call]:
    if not (row.get("fn_name") or row.get("entry_point")):
        if row.get("calls"):
            raise RewardError("calls need fn_name, the function that is called.")
        return
    for call in cast(Sequence[Mapping[str, Any]], row.get("calls") or ()):
        if "expected" not in call:
            raise RewardError(f"the call {call!r} has no expected value: give it the key expected.")
        args = call.get("args") or ()
        yield Call(tuple(_literal(args)), _literal(call["expected"]), dict(_literal(call.get("kwargs") or {})))
    if row.get("fn_name"):  # the form of verl, PRIME and APPS
        for given, expected in _pairs(row):
            args = [json.loads(line) for line in given.splitlines()] if isinstance(given, str) else given
            yield Call(
                tuple(cast(Sequence[Any], args)), json.loads(expected) if isinstance(expected, str) else expected
            )


def _pairs(row: Row) -> list[tuple[object, object]]:
    """`inputs` beside `outputs`."""
    given, expected = (cast(Sequence[object], row.get(name) or ()) for name in ("inputs", "outputs"))
    if len(given) != len(expected):
        raise RewardError(f"a row has {len(given)} inputs and {len(expected)} outputs: give as many of each.")
    return list(zip(given, expected, strict=True))


def _stdio(row: Row) -> Iterator[StdioCase]:
    listed = cast(Sequence[Mapping[str, object]], row.get("stdio") or ())
    cases = [(each.get("stdin", ""), each.get("stdout", "")) for each in listed]
    if not row.get("fn_name"):
        cases += _pairs(row)
    for stdin, stdout in cases:
        if len(str(stdout).encode()) > MOST_OUTPUT_BYTES:
            raise RewardError(
                f"an expected output has {len(str(stdout).encode())} bytes, and {MOST_OUTPUT_BYTES} are read of a "
                f"program: leave that case out."
            )
        yield StdioCase(str(stdin), str(stdout))


def _literal(value: Any) -> Any:
    """Data sets in Arrow's format cannot hold values of many types in one column: those come as JSON text."""
    return json.loads(value) if isinstance(value, str) and value[:1] in "[{" else value
