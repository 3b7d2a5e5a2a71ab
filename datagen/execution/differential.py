"""Proves repairs by execution: a faulty version counts where its results differ from the author's on some inputs.

The author's version and every faulty one run on the same inputs, one sandboxed program each. Covered: Python functions
that stand alone, over plain values. A function whose own results differ from run to run proves nothing, and one that
reads the clock neither: two runs within a second agree, on a result that is another one the next day. Inputs on
which they differ become the row's tests: asserts that pass for the author's version and fail for the faulty one.
"""

import ast
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from datagen.execution.inputs import draw_arguments
from datagen.rows.example import RULES, Example, Execution, Fact, TaskType
from datagen.rows.raw_function import RawFunction
from sandbox.outcome import Outcome
from sandbox.program import Limits, Program

RunPrograms = Callable[[Iterable[tuple[str, Program]]], Iterable[tuple[str, Outcome]]]
_MOST_TESTS = 4
_LIMITS = Limits(cpu_seconds=2.0, wall_seconds=30.0, memory_mb=512)
_PROBE = """\
import io as _io, json as _json, random as _random, sys as _sys
_random.seed({turn})
_out, _sys.stdout = _sys.stdout, _io.StringIO()
def _is_plain(value, depth=0):
    kind = type(value)
    if kind in (list, tuple, dict) and depth < 4 and len(value) < 200:
        items = [each for pair in value.items() for each in pair] if kind is dict else value
        return all(_is_plain(each, depth + 1) for each in items)
    if kind in (set, frozenset) and depth == 0:
        return all(_is_plain(each, 1) for each in value)
    return kind in (int, float, str, bytes, bool, type(None)) and len(repr(value)) < 400
def _show(value):
    if type(value) in (set, frozenset) and value:
        return type(value).__name__ + "([" + ", ".join(sorted(map(repr, value))) + "])"
    return repr(value)
def _try(call):
    values, named = call(lambda *values, **named: (values, named))
    before = repr((values, named))
    try:
        result = {name}(*values, **named)
    except Exception as error:
        return ["raises", type(error).__name__]
    # A function that changes what it is given cannot be tested by its result alone.
    if not _is_plain(result) or repr((values, named)) != before:
        return None
    return ["returns", _show(result)]
_found = [_try(_call) for _call in ({calls})]
_out.write(_json.dumps(_found))
_out.flush()
# {turn}
"""
_LONGEST_RESULT = 200
_CLOCK = re.compile(
    r"\b(?:now|utcnow|today|time|time_ns|localtime|gmtime|ctime|asctime|strftime|monotonic|perf_counter)\(|\btime\.time\b"
)
"""Calls that read the clock, some of them only without a time of their own."""


def prove_repairs(
    rows: Sequence[Example], functions: Mapping[str, RawFunction], run: RunPrograms, seed: int
) -> list[Example]:
    """The same rows; of repairs that stand alone in Python each with what running both versions showed."""
    inputs: dict[str, list[str]] = {}
    programs: dict[str, Program] = {}
    for row in rows:
        function = functions.get(row.function_id)
        if function is None or not _is_provable(row, function):
            continue
        if row.function_id not in inputs:
            place = f"{seed}:{row.function_id}"
            inputs[row.function_id] = (
                []
                if _CLOCK.search(function.code)
                else draw_arguments(function.code, function.docstring, function.name, place)
            )
        if inputs[row.function_id]:
            # Twice, so that results that depend on time, chance or hashing prove nothing.
            for code in (row.input, row.output):
                for turn in (1, 2):
                    program = _program(function, code, inputs[row.function_id], turn)
                    programs[program.sha256] = program
    results: dict[str, list[Any] | None] = {}
    for name, outcome in run(programs.items()):
        try:
            found = json.loads(outcome.stdout)
        except ValueError:
            found = None
        # What each call showed; None where the program as a whole did not end.
        results[name] = cast("list[Any]", found) if isinstance(found, list) and outcome.finished else None
    return [_with_proof(row, functions, inputs.get(row.function_id, []), results) for row in rows]


def _is_provable(row: Example, function: RawFunction) -> bool:
    is_repair = row.task is TaskType.REPAIR and row.teacher == RULES and row.language == "python"
    return is_repair and function.is_self_contained and row.execution.fact is not Fact.PROVEN


def _program(function: RawFunction, code: str, inputs: Sequence[str], turn: int) -> Program:
    calls = "".join(f"lambda _give: _give({arguments}), " for arguments in inputs)
    probe = _PROBE.replace("{name}", function.name).replace("{calls}", calls).replace("{turn}", str(turn))
    return Program("python", {"main.py": "\n".join([*function.imports, code, probe])}, limits=_LIMITS)


def _with_proof(
    row: Example, functions: Mapping[str, RawFunction], inputs: Sequence[str], results: Mapping[str, list[Any] | None]
) -> Example:
    function = functions.get(row.function_id)
    if function is None or not _is_provable(row, function):
        return row
    right, again, faulty, later = (
        results.get(_program(function, code, inputs, turn).sha256)
        for code in (row.output, row.input)
        for turn in (1, 2)
    )
    if not inputs or right is None or right != again or faulty is None or faulty != later:
        # An endless loop differs too, but no assert could say so in time.
        return replace(row, execution=Execution(Fact.NOT_JUDGED, "no inputs with stable results were found", "alone"))
    # Only what the author's version returns can be asserted.
    usable = [place for place, mine in enumerate(right) if mine is not None and mine[0] == "returns"]
    usable = [place for place in usable if len(right[place][1]) <= _LONGEST_RESULT]
    usable.sort(key=lambda place: (len(right[place][1]), place))  # short results make tests that a reader can check
    telling = [place for place in usable if _differ(right[place], faulty[place])]
    if not telling:
        return replace(
            row, execution=Execution(Fact.REFUTED, "no input tells the faulty version", "alone", len(inputs))
        )
    chosen = [*telling[:_MOST_TESTS], *[place for place in usable if place not in telling][:2]]
    tests = [f"assert {_comparison(function.name, inputs[place], right[place][1])}" for place in sorted(chosen)]
    detail = "the faulty version fails on drawn inputs, the mended one passes"
    return replace(row, tests="\n".join(tests), execution=Execution(Fact.PROVEN, detail, "alone", len(tests)))


def _differ(mine: Sequence[str], theirs: Sequence[str] | None) -> bool:
    """Whether an assert of equality would tell them apart: 1 and 1.0 are written differently and are equal."""
    if theirs is None or mine[0] != theirs[0]:
        return True
    try:
        return bool(ast.literal_eval(mine[1]) != ast.literal_eval(theirs[1]))
    except ValueError:  # nan, inf and sets are no literals
        return mine[1] != theirs[1]


def _comparison(name: str, arguments: str, result: str) -> str:
    call = f"{name}({arguments})"
    if result in ("True", "False", "None"):
        return f"{call} is {result}"
    names = {node.id for node in ast.walk(ast.parse(result)) if isinstance(node, ast.Name)}
    # nan equals nothing, and inf is no literal.
    return f"repr({call}) == {result!r}" if names & {"nan", "inf"} else f"{call} == {result}"
