"""Which benchmark's format a row is in, by the columns that only that format has.

Formats overlap: EvalPlus' rows hold every column of HumanEval and more tests besides, so that a task which reads only
the columns it knows would score them without those tests, under the wrong name.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from tasks.data.own.fault import Flaw
from tasks.humanevalpack.names import BENCHMARK, LANGUAGES, SCENARIOS

_PLUS_COLUMNS = ("plus_input", "base_input", "plus_test")
_PACK_COLUMNS = ("declaration", "buggy_solution")
_FAMILIES: Mapping[str, str] = dict(zip(("python", "javascript", "java", "go", "cpp", "rust"), LANGUAGES, strict=True))
"""HumanEvalPack's languages by the family in their task ids, in small letters."""


def formats_of(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The data sets whose format the row may be in; empty for none that is known.

    More than one where its columns leave that open: HumanEvalPack of an unknown language, or MBPP with nothing but text
    and code.
    """
    if any(column in row for column in _PLUS_COLUMNS):
        return ("mbpp-plus",) if "assertion" in row or _family(row) == "mbpp" else ("humaneval-plus",)
    if "test_list" in row and "test" in row and "entry_point" not in row:
        return ("mbpp-plus",)
    if all(column in row for column in _PACK_COLUMNS):
        known = _FAMILIES.get(_family(row))
        return tuple(f"{BENCHMARK}_{code}" for code in ([known] if known else LANGUAGES))
    if "entry_point" in row and "test" in row:
        return ("humaneval",)
    if "code" in row and "test_list" in row:
        return _mbpp_formats(row)
    return ()


def foreign_flaw(row: Mapping[str, Any], dataset: str) -> Flaw | None:
    """Why a row of another format is not one of the data set, with the task that it belongs to; None for its own."""
    formats = formats_of(row)
    if not formats or dataset in formats:
        return None
    column = _mark(row, formats[0])
    return Flaw(column, f"belongs to the format of {formats[0]}, not of {dataset}", _remedy(formats))


def task_of(dataset: str) -> str:
    """A task that reads the data set's rows."""
    benchmark, mark, code = dataset.partition("_")
    return f"{benchmark}-{SCENARIOS[0]}-{code}" if mark else dataset


def _mbpp_formats(row: Mapping[str, Any]) -> tuple[str, ...]:
    whole = any(row.get(column) is not None for column in ("test_setup_code", "challenge_test_list", "text"))
    sanitized = row.get("test_imports") is not None
    if whole and sanitized:
        # a table of both, with the columns of the one empty in rows of the other
        return ("mbpp-sanitized",) if row["test_imports"] else ("mbpp", "mbpp-sanitized")
    return ("mbpp",) if whole else ("mbpp-sanitized",) if sanitized else ("mbpp", "mbpp-sanitized")


def _mark(row: Mapping[str, Any], dataset: str) -> str:
    """The column that shows the format."""
    if dataset.startswith(BENCHMARK):
        return "task_id" if _family(row) in _FAMILIES else _PACK_COLUMNS[0]
    marks = {
        "mbpp": ("test_setup_code", "challenge_test_list", "text", "code"),
        "mbpp-sanitized": ("test_imports", "code"),
        "humaneval": ("entry_point",),
    }
    candidates = marks.get(dataset, (*_PLUS_COLUMNS, "test"))
    return next((column for column in candidates if row.get(column) is not None), candidates[-1])


def _remedy(formats: Sequence[str]) -> str:
    from tasks.registry import names  # loads no task; those read their rows through this module

    if formats[0].startswith(BENCHMARK):
        codes = [dataset.partition("_")[2] for dataset in formats]
        language = codes[0] if len(codes) == 1 else "LANGUAGE"
        return f"name one of the tasks {BENCHMARK}-{{{','.join(SCENARIOS)}}}-{language}"
    task = formats[0]
    if task in names():
        return f"name the task {task}"
    return f"the task {task}, which would read all of it, is not available yet in this version"


def _family(row: Mapping[str, Any]) -> str:
    return str(row.get("task_id", "")).rpartition("/")[0].casefold()
