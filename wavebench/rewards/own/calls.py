"""Calls of a function in other languages than Python: arguments come on stdin, and what is returned is printed.

What should be returned never comes near the program, so that it cannot be made to look right.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.runs.verdict_log import FailingTest
from sandbox.outcome import Ending, Outcome
from sandbox.program import Program
from sandbox.sandbox import Sandbox
from tasks.extraction.budget import OverBudgetError
from tasks.extraction.outline import outlined
from tasks.extraction.tree import leaves
from tasks.extraction.watched import NotReadError, bounded
from tasks.humanevalpack.java_class import in_solution_class
from tasks.judgement import judge_ending
from tasks.task import AnswerForm
from tasks.verdict import Judgement, Verdict
from wavebench.rewards.grade import Grade
from wavebench.rewards.own.programs import answered_programs, last_words, program_files
from wavebench.rewards.own.rows import Call, OwnRow

_FOLDER = Path(__file__).with_name("callers")
_SHOWN = 100
"""Characters of a value that a verdict tells."""
_MARK = "\x1e"
"""Begins a returned value, which goes to the line's end: what else the program prints does not count."""
_CPP_HEADERS = (
    *("cctype", "cstdio", "cstring", "iomanip", "iostream", "map", "optional", "sstream", "string", "tuple"),
    *("type_traits", "unordered_map", "utility", "vector"),
)
_JAVA_PACKAGE = re.compile(r"\A((?:\s|//[^\n]*\n|/\*(?s:.*?)\*/)*)package\s+[\w.]+\s*;")
_GO_IMPORTS = 'import wbBufio "bufio"; import wbJson "encoding/json"; import wbOs "os"; import wbReflect "reflect"'


def _as_it_is(code: str, _entry_point: str) -> str:
    return code


def _go(code: str, _entry_point: str) -> str:
    """Imports stand in the line of the package, so that the lines of compiler messages stay."""
    clause = re.search(r"^[ \t]*package[ \t]+\w+[ \t;]*", code, re.MULTILINE)
    if not clause:
        return f"package main; {_GO_IMPORTS}\n{_without_main(code, word='func')}"
    head, tail = code[: clause.start()], code[clause.end() :]
    return f"{head}package main; {_GO_IMPORTS}{_without_main(tail, word='func')}"


def _cpp(code: str, _entry_point: str) -> str:
    headers = "\n".join(f"#include <{name}>" for name in _CPP_HEADERS)
    return f"{headers}\n#define main wavebench_candidate_main\n{code}"


def _rust(code: str, _entry_point: str) -> str:
    return _without_main(code, word="fn")


def _java(code: str, entry_point: str) -> str:
    """The function stands in a class `Solution`. An answer's own class `Main` gets a name that nobody calls."""
    code = in_solution_class(_JAVA_PACKAGE.sub(lambda found: found[1], code), entry_point)
    outline = outlined(code, "java")
    if not any("Main" in item.names for item in outline.items):
        return code
    places = (leaf for leaf in leaves(outline.root) if leaf.is_named and outline.text_of(leaf) == "Main")
    return outline.without(((leaf.start_byte, leaf.end_byte) for leaf in places), put="WavebenchCandidateMain")


def _without_main(code: str, *, word: str) -> str:
    """An answer's own main function may stay, under a name that nobody calls."""
    return re.sub(rf"^([ \t]*{word}[ \t]+)main\b(?=[ \t]*\()", r"\1wavebenchCandidateMain", code, flags=re.MULTILINE)


_CALLERS: Mapping[str, tuple[str, Callable[[str, str], str]]] = {
    "javascript": ("javascript.js", _as_it_is),
    "go": ("go.go", _go),
    "cpp": ("cpp.cpp", _cpp),
    "rust": ("rust.rs", _rust),
    "java": ("java.java", _java),
}
"""By language: the file that stands behind an answer and calls its function, and what makes room for it."""


def grade_calls(
    sandbox: Sandbox, answers: Sequence[str], rows: Sequence[OwnRow], form: AnswerForm, limits: Mapping[str, Any]
) -> list[Grade]:
    """One grade per answer; all calls of an answer are one run."""
    grades: dict[int, Grade] = {}
    for place, outcome in sandbox.run(_programs(answers, rows, form, limits, grades)):
        grades[place] = _grade(outcome, rows[place])
    return [grades[place] for place in range(len(answers))]


def _programs(
    answers: Sequence[str],
    rows: Sequence[OwnRow],
    form: AnswerForm,
    limits: Mapping[str, Any],
    grades: dict[int, Grade],
) -> Iterator[tuple[int, Program]]:
    """One program for each answer; grades that need none go to `grades`."""
    for place, own, row, code in answered_programs(answers, rows, form, grades):
        name, make_room = _CALLERS[own.language]
        try:
            code = bounded("putting the program together", len(code), make_room, code, own.entry_point)
        except OverBudgetError as error:
            grades[place] = Grade(Verdict.NO_CODE, str(error), share=0.0)
            continue
        except NotReadError as error:
            grades[place] = Grade(Verdict.NOT_JUDGED, str(error))
            continue
        caller = (_FOLDER / name).read_text().replace("ENTRY", own.entry_point)
        stdin = "".join(json.dumps(call.args) + "\n" for call in own.calls)
        yield (
            place,
            Program(row.name, program_files(row, code + caller), stdin, replace(row.limits, **limits)),
        )


def _grade(outcome: Outcome, row: OwnRow) -> Grade:
    # The answer may have begun the line with words of its own.
    returned = [line.rpartition(_MARK)[2] for line in outcome.stdout.split("\n") if _MARK in line]
    held = [_is_expected(text, call) for text, call in zip(returned, row.calls, strict=False)]
    failing = None
    if outcome.ending is not Ending.EXITED:
        judgement = judge_ending(outcome)
        if judgement.verdict is Verdict.NOT_JUDGED:
            return Grade(judgement.verdict, judgement.detail)
    elif False in held:
        place = held.index(False)
        call = row.calls[place]
        called = f"{row.entry_point}({', '.join(map(repr, call.args))})"
        failing = FailingTest(called[:_SHOWN], json.dumps(call.expected)[:_SHOWN], returned[place][:_SHOWN])
        judgement = Judgement(Verdict.WRONG, f"{called} returned {failing.got}, expected {failing.expected}")
    elif outcome.exit_code != 0 or len(held) < len(row.calls):
        judgement = Judgement(Verdict.ERROR, last_words(outcome))
    else:
        judgement = Judgement(Verdict.PASSED, confirmed=True)
    return Grade(
        judgement.verdict,
        judgement.detail,
        judgement.confirmed,
        share=sum(held) / len(row.calls),
        tests=len(row.calls),
        tests_held=sum(held),
        failing=failing,
    )


def _is_expected(text: str, call: Call) -> bool:
    try:
        return json.loads(text) == json.loads(json.dumps(call.expected))
    except ValueError:
        return False
