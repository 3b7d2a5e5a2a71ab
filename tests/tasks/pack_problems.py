"""Small problems in HumanEvalPack's format, one for each kind of answer, and wrong programs that forge a pass."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tasks.humanevalpack.language import pack_languages
from tasks.humanevalpack.problem import PackProblem
from tasks.humanevalpack.task import HumanEvalPack, load_humanevalpack
from tests.benchmark_files import SMALL

_FOLDER = Path(__file__).parents[1] / "sandbox" / "hostile" / "pack"
_HEAD = re.compile(r"^//// (\w+) \((\w+)\): (.*)\n", re.MULTILINE)
_SUFFIXES = {"js": "js", "java": "java", "go": "go", "cpp": "cpp", "rust": "rs"}
CODES = tuple(_SUFFIXES)
"""The languages that are split by sources, by the data's names."""


@dataclass(frozen=True, slots=True)
class Forgery:
    """A wrong answer to one of the problems."""

    language: str
    name: str
    kind: str
    attack: str
    code: str


def forgeries(language: str) -> Iterator[Forgery]:
    """The forgeries of a language, by the data's name of it."""
    text = (_FOLDER / f"forgeries.{_SUFFIXES[language]}").read_text()
    _, *parts = _HEAD.split(text)
    for name, kind, attack, code in zip(parts[::4], parts[1::4], parts[2::4], parts[3::4], strict=True):
        yield Forgery(language, name, kind, attack, code)


@cache
def pack_task(language: str) -> HumanEvalPack:
    """A task of the language, whose own rows do not matter."""
    return load_humanevalpack("fix", language, data_file=SMALL / f"humanevalpack_{language}.jsonl")


def kinds_of(language: str) -> tuple[str, ...]:
    """The kinds of answers for which the language has a problem."""
    return tuple(_rows()[language])


@cache
def pack_problem(language: str, kind: str, **changed: str) -> PackProblem:
    """The problem of that kind, with fields of its row changed."""
    row = {**_rows()[language][kind], **changed}
    setup = 'package main\n\nimport (\n    "math"\n    "testing"\n    "github.com/stretchr/testify/assert"\n)\n'
    return PackProblem(
        task_id=f"Own/{kind}",
        prompt=row["prompt"],
        declaration=row["prompt"],
        canonical_solution=row["solution"],
        buggy_solution=row["solution"],
        entry_point=row["entry_point"],
        docstring="",
        instruction="",
        test=row["test"],
        pack_language=pack_languages()[language],
        imports=row.get("imports", ""),
        test_setup=setup if language == "go" else "",
    )


@cache
def _rows() -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads((_FOLDER / "problems.toml").read_text())
