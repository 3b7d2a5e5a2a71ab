"""Runs a function and its wrong versions in the sandbox: which inputs tell which of them."""

import base64
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import msgspec

from datagen.execution.differential import RunPrograms
from datagen.execution.sent_text import sent_text
from datagen.problems import trial_probe
from datagen.problems.inputs import draw_inputs
from datagen.problems.wrong_versions import mutants, trivial_versions
from datagen.rows.raw_function import RawFunction
from sandbox.program import Limits, Program

_VERSION_SECONDS = 0.1
_LIMITS = Limits(cpu_seconds=20.0, wall_seconds=120.0, memory_mb=512)
_HASHED = re.compile(r"\b(?:frozen)?set\(|\bhash\(|\bid\(|\{[^:{}]+\}")
_ORDERED = ("[", "(", "{", "'", '"')


class _Printed(msgspec.Struct):
    assignment: int
    results: list[str | None]
    told: list[list[int]]
    equivalent: list[int]


@dataclass(frozen=True, slots=True)
class Trial:
    """What running one function showed."""

    function: RawFunction
    inputs: Mapping[str, str]
    """Arguments as source text, each with the author's result; only those that an assert can state."""
    mutants: tuple[frozenset[str], ...]
    """For each mutant the inputs that tell it. A comparison whose edge was moved, where several inputs took another way
    to the same result, is no fault and left out."""
    trivial: tuple[frozenset[str], ...]
    """The same of the generic wrong answers."""


def try_functions(functions: Iterable[RawFunction], run: RunPrograms, seed: int, inputs_wanted: int) -> Iterator[Trial]:
    """A trial of each function that ran, as they end."""
    tried: dict[str, RawFunction] = {}
    drawn: dict[str, list[list[str]]] = {}
    wrong: dict[str, int] = {}

    def programs() -> Iterator[tuple[str, Program]]:
        for function in functions:
            key = function.function_id
            inputs = draw_inputs(function.code, function.docstring, function.name, f"{seed}:{key}", inputs_wanted)
            if not inputs:
                continue
            tried[key], drawn[key] = function, inputs
            faulty = mutants(function.code)
            wrong[key] = len(faulty)
            imports = "\n".join([*function.imports, ""])
            versions = [*(imports + each for each in faulty), *trivial_versions(function.name)]
            given = (imports + function.code, versions, function.name, inputs, _VERSION_SECONDS)
            call = f"try_versions(*{given!r})"
            yield key, Program("python", {"main.py": f"{sent_text(trial_probe)}\n{call}\n"}, limits=_LIMITS)

    for key, outcome in run(programs()):
        try:
            text = zlib.decompress(base64.b85decode(outcome.stdout))
            found = msgspec.json.decode(text, type=_Printed)
        except (ValueError, zlib.error):
            continue
        function, texts = tried[key], drawn[key][found.assignment]
        # The order of a set is that of this interpreter's hashes.
        is_hashed = _HASHED.search(function.code) is not None and "sorted(" not in function.code
        inputs = {
            text: result
            for text, result in zip(texts, found.results, strict=True)
            if result is not None and not (is_hashed and result.startswith(_ORDERED))
        }
        told = [
            frozenset(texts[place] for place in places) & inputs.keys()
            for number, places in enumerate(found.told)
            if number not in found.equivalent
        ]
        faulty = wrong[key] - sum(number < wrong[key] for number in found.equivalent)
        yield Trial(function, inputs, tuple(told[:faulty]), tuple(told[faulty:]))
