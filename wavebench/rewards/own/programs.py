"""Programs that are run as their language runs them: with a main block, stdin and stdout, and no tests behind them."""

from collections.abc import Iterator, Mapping, Sequence

from sandbox.languages import Language, language
from sandbox.outcome import Outcome
from tasks.extraction.watched import NotReadError
from tasks.task import AnswerForm
from tasks.verdict import Verdict
from wavebench.rewards.grade import Grade
from wavebench.rewards.own.extraction import extract_program
from wavebench.rewards.own.rows import OwnRow

_ROWS: Mapping[str, str] = {name: f"{name}-program" for name in ("go", "rust", "javascript")}
"""Languages that benchmarks run in a way of their own, and the row that runs them as they are."""
_PYTHON = "wavebench_program.py"
_RUN_AS_MAIN = f"import runpy\nrunpy.run_path({_PYTHON!r}, run_name='__main__')\n"
"""Benchmarks leave `if __name__ == '__main__'` asleep; a program that stands alone does its work there."""


def program_row(name: str) -> Language:
    """The row of `sandbox.languages` that runs whole programs of a language."""
    return language(_ROWS.get(name, name))


def program_files(row: Language, code: str) -> dict[str, str]:
    """The files of a program that stands alone."""
    if row.in_process:
        return {row.main_file: _RUN_AS_MAIN, _PYTHON: code}
    return {row.main_file: code}


def answered_programs(
    answers: Sequence[str], rows: Sequence[OwnRow], form: AnswerForm, grades: dict[int, Grade]
) -> Iterator[tuple[int, OwnRow, Language, str]]:
    """Place, row, language and code of each answer that holds code; the grades of all others go to `grades`."""
    for place, (answer, own) in enumerate(zip(answers, rows, strict=True)):
        try:
            found = extract_program(answer, own.language, form)
        except NotReadError as error:
            grades[place] = Grade(Verdict.NOT_JUDGED, str(error))
            continue
        if not found.code.strip():
            grades[place] = Grade(Verdict.NO_CODE, found.reason or found.rule, share=0.0)
            continue
        yield place, own, program_row(own.language), found.code


def last_words(outcome: Outcome) -> str:
    """Why a program ended with an error: its last line on stderr, else its exit code."""
    return outcome.stderr.strip().rpartition("\n")[2][:300] or f"ended with exit code {outcome.exit_code}"
