"""Runs inside the sandbox: the author's function and wrong versions of it on the same inputs.

This text is sent as a program; it never runs in our own process. Every version lives in a namespace of its own and gets
fresh arguments. The time limits are CPU time of this process.
"""

import base64
import dis
import json
import os
import random
import sys
import zlib
from typing import Any, cast

from datagen.execution.patience import OutOfTimeError, allow

_LONGEST_RESULT = 160


def _is_plain(value: Any, depth: int = 0) -> bool:
    """Whether an assert can state the value; numbers inside of lists only where equality of floats is safe."""
    kind = cast("type[Any]", type(value))
    if kind in (list, tuple, dict) and depth < 4 and len(value) < 60:
        items = [each for pair in value.items() for each in pair] if kind is dict else value
        return all(_is_plain(each, depth + 1) for each in items)
    if kind in (set, frozenset) and depth == 0:
        return bool(value) and all(_is_plain(each, 1) for each in value)
    if kind is float:
        is_finite = abs(value) < 1e15
        return is_finite and (depth == 0 or (value * 1024).is_integer())
    return kind in (int, str, bytes, bool, type(None))


def _show(value: Any) -> str:
    if type(value) in (set, frozenset):
        inner = "{" + ", ".join(sorted(map(repr, value))) + "}"
        return inner if type(value) is set else "frozenset(" + inner + ")"
    return repr(value)


def tolerance(wanted: float) -> float:
    """How far a float may be from what the author's function returns."""
    return max(1e-6, abs(wanted) * 1e-6)


def _agrees(found: Any, wanted: Any) -> bool:
    """What the test's assert says."""
    if type(wanted) is float:
        return bool(abs(found - wanted) <= tolerance(wanted))
    return bool(found == wanted)


def _define(code: str, name: str) -> Any:
    space: dict[str, Any] = {"__name__": "candidate"}
    exec(compile(code, "<version>", "exec"), space)
    return space[name]


def _author_says(function: Any, call: Any) -> Any:
    """One result in a list; None where no assert can be made of it."""
    values, named = call()
    before = repr((values, named))
    result = function(*values, **named)
    if not _is_plain(result) or repr((values, named)) != before or len(_show(result)) > _LONGEST_RESULT:
        return None
    return [result]


def _run_author(code: str, name: str, calls: list[Any], chance: int) -> list[Any]:
    random.seed(chance)
    function = _define(code, name)
    found: list[Any] = []
    for call in calls:
        try:
            found.append(_author_says(function, call))
        except Exception:
            found.append(None)
    return found


def _only_edges_differ(one: Any, other: Any) -> bool:
    """Whether two functions have the same instructions but for constants and the operators of comparisons."""
    pairs = zip(dis.get_instructions(one), dis.get_instructions(other), strict=False)
    return len(one.__code__.co_code) == len(other.__code__.co_code) and all(
        mine.opcode == theirs.opcode and (mine.arg == theirs.arg or mine.opname in ("COMPARE_OP", "LOAD_CONST"))
        for mine, theirs in pairs
    )


def _path(function: Any, call: Any) -> list[int]:
    """The places of the instructions that one call runs through."""
    places: list[int] = []

    def follow(frame: Any, event: str, _argument: Any) -> Any:
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        if event == "opcode" and len(places) < 20_000:
            places.append(frame.f_lasti)
        return follow if frame.f_code is function.__code__ else None

    values, named = call()
    sys.settrace(follow)
    try:
        function(*values, **named)
    finally:
        sys.settrace(None)
    return places


def _is_equivalent(code: str, version: str, name: str, calls: list[Any]) -> bool:
    """Whether the edge of a comparison was moved, and calls on the edge went another way to the same result."""
    author, other = _define(code, name), _define(version, name)
    # Over one number an edge is one point, over several it is a line.
    wanted = 1 if author.__code__.co_argcount < 2 else 3
    return _only_edges_differ(author, other) and sum(_path(author, c) != _path(other, c) for c in calls) >= wanted


def try_versions(reference: str, versions: list[str], name: str, assignments: list[Any], seconds: float) -> None:
    """Prints the assignment that fits, results by input, and on which inputs each version differs."""
    out, silent = os.fdopen(os.dup(1), "w"), open("/dev/null", "w")  # noqa: SIM115, PTH123
    os.dup2(silent.fileno(), 1)
    os.dup2(silent.fileno(), 2)
    sys.stdout = sys.stderr = silent
    allow(20 * seconds)
    best, fits = 0, -1
    for place, texts in enumerate(assignments):
        scouted = _run_author(reference, name, [_call(text) for text in texts[:16]], 1)
        returned = sum(each is not None for each in scouted)
        if returned > fits:
            best, fits = place, returned
        # The assignments come likeliest first: one that mostly works is taken before one that works by chance.
        if 2 * returned > len(scouted):
            break
    texts = assignments[best]
    calls = [_call(text) for text in texts]
    results = _run_author(reference, name, calls, 1)
    again = _run_author(reference, name, calls, 2)
    usable = [place for place, each in enumerate(results) if each is not None and again[place] == each]
    allow(0)
    told: list[list[int]] = []
    for code in versions:
        differs: list[int] = []
        place = -1
        try:
            allow(seconds)
            function = _define(code, name)
            for place in usable:
                values, named = calls[place]()
                try:
                    if not _agrees(function(*values, **named), results[place][0]):
                        differs.append(place)
                except OutOfTimeError:
                    raise
                except BaseException:
                    differs.append(place)
        except BaseException:
            # Too slow here, or cannot be defined at all; of the inputs behind it nothing is known.
            differs += usable if place < 0 else [place]
        allow(0)
        told.append(differs)
    usable_calls = [calls[place] for place in usable]
    equivalent = [
        number
        for number, differs in enumerate(told)
        if not differs and usable and _is_equivalent(reference, versions[number], name, usable_calls)
    ]
    shown = [_show(each[0]) if place in usable else None for place, each in enumerate(results)]
    found = {"assignment": best, "results": shown, "told": told, "equivalent": equivalent}
    # What a program may print is limited.
    out.write(base64.b85encode(zlib.compress(json.dumps(found).encode())).decode())
    out.flush()


def _call(text: str) -> Any:
    code = compile("(lambda *values, **named: (values, named))(" + text + ")", "<call>", "eval")
    return lambda: eval(code)
