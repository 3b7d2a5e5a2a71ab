"""Which benchmark's format a row is in, by the columns that only that format has.

Formats overlap: EvalPlus' rows hold every column of HumanEval and more tests besides, so that a task which reads only
the columns it knows would score them without those tests, under the wrong name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tasks.data.fault import Flaw


@dataclass(frozen=True, slots=True)
class RowFormat:
    """The rows of one data set."""

    dataset: str
    marks: tuple[str, ...]
    """Columns that show the format, the surest one first."""
    task: str
    """A task that reads it."""
    tasks: str = ""
    """How a sentence names all tasks that read it, and those of its other languages; empty for one without them."""
    also: tuple[str, ...] = ()
    """Other data sets in the same format."""


_PLUS_COLUMNS = ("plus_input", "base_input", "plus_test")
_PACK_COLUMNS = ("declaration", "buggy_solution")
_PACK_TASKS = "humanevalpack-{fix,fixdocs,explain,synthesize}-"
_PACK_LANGUAGES = {"python": "python", "javascript": "js", "java": "java", "go": "go", "cpp": "cpp", "rust": "rust"}
"""HumanEvalPack's languages by what stands before the number in their task ids, in small letters."""

_HUMANEVAL = RowFormat("humaneval", ("entry_point",), "humaneval")
_HUMANEVAL_PLUS = RowFormat("humaneval-plus", (*_PLUS_COLUMNS, "test"), "humaneval-plus")
_MBPP = RowFormat("mbpp", ("test_setup_code", "challenge_test_list", "text", "code"), "mbpp")
_MBPP_SANITIZED = RowFormat("mbpp-sanitized", ("test_imports", "code"), "mbpp-sanitized")
_MBPP_PLUS = RowFormat("mbpp-plus", (*_PLUS_COLUMNS, "test"), "mbpp-plus", also=("mbpp-plus-0.1.0",))
_HUMANEVALPACK = {
    code: RowFormat(f"humanevalpack_{code}", _PACK_COLUMNS, f"humanevalpack-fix-{code}", _PACK_TASKS + code)
    for code in _PACK_LANGUAGES.values()
}


def formats_of(row: Mapping[str, Any]) -> tuple[RowFormat, ...]:
    """The formats that the row may be in; empty for none that is known.

    More than one where its columns leave that open: HumanEvalPack of an unknown language, or MBPP with nothing but text
    and code.
    """
    if any(column in row for column in _PLUS_COLUMNS):
        return (_MBPP_PLUS,) if "assertion" in row or _id_prefix(row) == "mbpp" else (_HUMANEVAL_PLUS,)
    if "test_list" in row and "test" in row and "entry_point" not in row:
        return (_MBPP_PLUS,)
    if all(column in row for column in _PACK_COLUMNS):
        code = _PACK_LANGUAGES.get(_id_prefix(row))
        return (_HUMANEVALPACK[code],) if code else tuple(_HUMANEVALPACK.values())
    if "entry_point" in row and "test" in row:
        return (_HUMANEVAL,)
    if "code" in row and "test_list" in row:
        whole = any(row.get(column) is not None for column in ("test_setup_code", "challenge_test_list", "text"))
        sanitized = row.get("test_imports") is not None
        if whole and sanitized:
            # a table of both, with the columns of the one empty in rows of the other
            return (_MBPP_SANITIZED,) if row["test_imports"] else (_MBPP, _MBPP_SANITIZED)
        return (_MBPP,) if whole else (_MBPP_SANITIZED,) if sanitized else (_MBPP, _MBPP_SANITIZED)
    return ()


def foreign_flaw(row: Mapping[str, Any], dataset: str) -> Flaw | None:
    """Why a row of another format is not one of the data set, with the task that it belongs to; None for its own."""
    formats = formats_of(row)
    if not formats or any(dataset in (each.dataset, *each.also) for each in formats):
        return None
    marks = ("task_id",) if _id_prefix(row) in _PACK_LANGUAGES and formats[0].tasks else formats[0].marks
    column = next((column for column in marks if row.get(column) is not None), marks[-1])
    first = formats[0]
    remedy = f"name the task {first.task}"
    if first.tasks:
        remedy = f"name one of the tasks {first.tasks if len(formats) == 1 else f'{_PACK_TASKS}LANGUAGE'}"
    return Flaw(column, f"belongs to the format of {first.dataset}, not of {dataset}", remedy)


def _id_prefix(row: Mapping[str, Any]) -> str:
    return str(row.get("task_id", "")).rpartition("/")[0].casefold()
