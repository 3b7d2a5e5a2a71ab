"""The program as it ran, with its tests, and the lines at which it failed."""

import re
from dataclasses import dataclass
from typing import Any

from harness.runs.verdict_log import VerdictRecord
from tasks.extraction.budget import OverBudgetError
from tasks.extraction.watched import NotReadError
from tasks.task import AnswerForm, Problem, Task
from tasks.verdict import Verdict

_PLACE = re.compile(r'(?:File "(?P<python>[^"\n]+)", line |(?P<file>[\w./-]*main\.\w+):)(?P<line>\d+)')
MOST_MARKS = 6
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class ShownProgram:
    """The main file, cut at the code that was found in the answer."""

    before: str
    after: str
    """Both empty where the code does not stand in it word for word."""
    whole: str
    """The file itself."""
    lines: tuple[int, ...]
    """Where it failed, counted from 1: the calls that led there, and last the line that failed. Empty where nobody
    says."""


def show_program(
    task: Task[Any], problem: Problem, code: str, form: AnswerForm, judged: VerdictRecord | None
) -> ShownProgram | None:
    """Puts code and tests together again; None where nothing can run."""
    if not code.strip():
        return None
    try:
        files = task.program(problem, code, form).files
    except (OverBudgetError, NotReadError):
        return None
    name = next((name for name, text in files.items() if code in text), next(iter(files)))
    text = files[name]
    before, found, after = text.partition(code)
    lines = failing_lines(name, text, judged) if judged else ()
    return ShownProgram(before, after, text, lines) if found else ShownProgram("", "", text, lines)


def failing_lines(name: str, text: str, judged: VerdictRecord) -> tuple[int, ...]:
    """What traceback, compiler or the tests say of where the file `name` failed."""
    if judged.verdict in (Verdict.PASSED, Verdict.FORGED):
        return ()
    count = text.count("\n") + 1
    said = [
        int(found["line"])
        for found in _PLACE.finditer(f"{judged.stderr}\n{judged.detail}")
        if (found["python"] or found["file"]).rpartition("/")[2] == name and 1 <= int(found["line"]) <= count
    ]
    if said:
        # Python ends with the line that failed, compilers begin with it.
        ordered = said if name.endswith(".py") else said[:1]
        return tuple(dict.fromkeys(ordered[::-1][:MOST_MARKS]))[::-1]
    if not judged.failing:
        return ()
    for wanted in (judged.failing.expected, judged.failing.call):
        bare = _SPACE.sub("", wanted)
        places = [number for number, line in enumerate(text.split("\n"), 1) if bare and bare in _SPACE.sub("", line)]
        if places:
            return (places[-1],)
    return ()
