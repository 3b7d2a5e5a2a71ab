"""The behavioural check: whatever solves a benchmark problem is a leak, however it is worded.

Every Python function of the rows first meets all problems of fitting arity in groups, many pairs in one program; each
pair that passes there is then judged alone by the benchmark's own tests. Covered: functions that run without the module
they came from, methods that do not use their object, two arguments in either order. Not covered: other languages,
classes, functions that need their module; these are counted.
"""

import ast
import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from datagen.code.duplicates import jaccard, token_grams
from datagen.execution.run_programs import Ran, judge
from datagen.execution.sent_text import sent_text
from datagen.leakage import behaviour_probe
from datagen.leakage.benchmark import BenchmarkProblem
from datagen.leakage.text import Leak
from datagen.rows.example import Example
from sandbox.program import Limits, Program
from sandbox.sandbox import Sandbox
from tasks.extraction.fences import fenced_blocks

_GROUP = 40
"""Functions tried in one program; the problems' tests are compiled once for all of them."""
_PAIR_SECONDS = 0.25
_GROUP_LIMITS = Limits(cpu_seconds=120.0, wall_seconds=600.0, memory_mb=1024)
_ALONE_LIMITS = Limits(cpu_seconds=10.0, wall_seconds=60.0, memory_mb=1024)
PREAMBLE = (
    "import math, re, sys, copy, datetime, itertools, collections, heapq, statistics, functools, hashlib, string\n"
    "import random, operator, bisect, json\n"
    "from typing import *\nfrom collections import *\nfrom functools import *\nfrom itertools import *\n"
)
"""What functions cut out of a module may expect."""
_TRIVIAL = (
    "first",
    "None",
    "True",
    "False",
    "0",
    "1",
    "len(first)",
    "min(first)",
    "max(first)",
    "first[0]",
    "not first",
)
"""What trivial functions return; a problem that one of them solves has tests that show little."""


@dataclass(frozen=True, slots=True)
class SuspectFunction:
    """One Python function that stands in one or more rows."""

    code: str
    """All of the row's code, so that helpers come along."""
    name: str
    required: int
    accepted: int
    is_method: bool
    example_ids: tuple[str, ...]


@dataclass(slots=True)
class BehaviourCounts:
    """What was tried."""

    functions: int = 0
    broken: int = 0
    """Could not even be defined alone."""
    killed: int = 0
    """Took their whole program down; tried no further."""
    group_finds: int = 0
    confirmed: int = 0
    weak_problems: list[str] = field(default_factory=list[str])
    """Problems whose tests a trivial function passes; finds there show little."""


def behaviour_leaks(
    rows: Iterable[Example],
    problems: Sequence[BenchmarkProblem],
    sandbox: Sandbox,
    counts: BehaviourCounts,
    progress: Callable[[int], None] = lambda functions: None,  # noqa: ARG005
) -> Iterator[Leak]:
    """Rows with a function that passes all hidden tests of a problem, judged alone in the sandbox."""
    candidates = candidates_of(rows)
    counts.functions += len(candidates)
    bodies = [f"def trivial(first, *others):\n    return {value}\n" for value in _TRIVIAL]
    trivial = [SuspectFunction(code, "trivial", 1, 99, False, ()) for code in bodies]
    pairs = sorted(_try_groups([*candidates, *trivial], problems, sandbox, counts, progress))
    weak = {index for number, index, _ in pairs if number >= len(candidates)}
    found = [pair for pair in pairs if pair[0] < len(candidates)]
    counts.weak_problems = [problems[index].task_id for index in sorted(weak)]
    counts.group_finds += len(found)
    programs = [((number, index), _alone(candidates[number], problems[index], order)) for number, index, order in found]
    passed = {key for key, outcome in sandbox.run(programs) if judge(outcome) is Ran.PASSED}
    for number, index, _ in found:
        if (number, index) not in passed:
            continue
        counts.confirmed += 1
        candidate, problem = candidates[number], problems[index]
        similarity = jaccard(token_grams(candidate.code, 2), token_grams(problem.solution, 2))
        kind = "a close copy" if similarity >= 0.5 else "other words, same behaviour"
        if index in weak:
            kind = "but trivial code passes these tests too"
        evidence = f"{candidate.name} passes its hidden tests ({kind}: {similarity:.2f} of token pairs shared)"
        for example_id in candidate.example_ids:
            yield Leak(example_id, "behaviour", problem.benchmark, problem.task_id, evidence)


def candidates_of(rows: Iterable[Example]) -> list[SuspectFunction]:
    """Every top-level function and method in the Python code of the rows, equal code once."""
    owners: dict[tuple[str, str], list[str]] = {}
    shapes: dict[tuple[str, str], tuple[int, int, bool]] = {}
    for row in rows:
        for code in python_texts(row):
            for node in ast.parse(code).body:
                if isinstance(node, ast.FunctionDef):
                    arguments = [*node.args.posonlyargs, *node.args.args]
                    is_method = bool(arguments) and arguments[0].arg in ("self", "cls")
                    most = len(arguments) - is_method
                    required = max(most - len(node.args.defaults), 0)
                    owners.setdefault((code, node.name), []).append(row.example_id)
                    shapes[code, node.name] = required, 99 if node.args.vararg else most, is_method
    return [
        SuspectFunction(code, name, *shapes[code, name], tuple(dict.fromkeys(owners[code, name])))
        for code, name in sorted(owners)
    ]


def python_texts(row: Example) -> Iterator[str]:
    """Whatever parses as Python in the row: whole fields, else the fenced blocks of a chat, in any language's name."""
    for text in (row.output, row.input, row.instruction):
        if "def " not in text:
            continue
        if _is_python(text):
            yield text
        else:
            yield from (block.code for block in fenced_blocks(text) if "def " in block.code and _is_python(block.code))


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _try_groups(
    candidates: Sequence[SuspectFunction],
    problems: Sequence[BenchmarkProblem],
    sandbox: Sandbox,
    counts: BehaviourCounts,
    progress: Callable[[int], None],
) -> list[tuple[int, int, str]]:
    """Pairs that pass in a group. A function that takes its group down is set aside and the rest goes on without it."""
    waiting = deque(range(begin, min(begin + _GROUP, len(candidates))) for begin in range(0, len(candidates), _GROUP))
    found: list[tuple[int, int, str]] = []
    while waiting:
        batch = [(group, _group_program(candidates, group, problems)) for group in waiting]
        waiting.clear()
        for group, outcome in sandbox.run(batch):
            lines: list[list[Any]] = []
            for line in outcome.stdout.splitlines():
                try:
                    value = json.loads(line)
                except ValueError:
                    continue  # the last line of a killed program may be torn
                if isinstance(value, list) and value:
                    lines.append(cast("list[Any]", value))
            found += [(line[1], line[2], line[3]) for line in lines if line[0] == "passes"]
            counts.broken += sum(line[0] == "broken" for line in lines)
            progress(len(group))
            if ["end"] not in lines:
                last = max((line[1] for line in lines if line[0] == "begin"), default=group.start)
                counts.killed += 1
                if last + 1 < group.stop:
                    waiting.append(range(last + 1, group.stop))
    return found


def _group_program(
    candidates: Sequence[SuspectFunction], group: range, problems: Sequence[BenchmarkProblem]
) -> Program:
    functions = [
        (number, each.code, each.name, each.required, each.accepted, each.is_method)
        for number, each in ((number, candidates[number]) for number in group)
    ]
    tests = [
        (index, each.entry_point, each.reference, each.tests, each.required, each.accepted)
        for index, each in enumerate(problems)
    ]
    call = f"try_functions({functions!r}, {tests!r}, {PREAMBLE!r}, {_PAIR_SECONDS})"
    return Program("python", {"main.py": f"{sent_text(behaviour_probe)}\n{call}\n"}, limits=_GROUP_LIMITS)


def _alone(candidate: SuspectFunction, problem: BenchmarkProblem, order: str) -> Program:
    """The benchmark's own tests over one function under the problem's name.

    The adapter looks its function up at once, so that a function of the problem's own name does not end in itself.
    """
    given = {"as is": "*given", "swapped": "*given[::-1]"}[order]
    call = f"inner(None, {given})" if candidate.is_method else f"inner({given})"
    adapter = f"(lambda inner: lambda *given: {call})({candidate.name})"
    if candidate.name == problem.entry_point and call == "inner(*given)":
        adapter = candidate.name
    parts = [problem.reference, PREAMBLE + candidate.code, f"{problem.entry_point} = {adapter}", problem.tests]
    return Program("python", {"main.py": "\n".join(parts)}, limits=_ALONE_LIMITS)
