"""Reads sample files of human-eval, EvalPlus, bigcode-evaluation-harness and wavebench itself; those of lm-eval,
inspect_ai, OpenAI's batch API and MultiPL-E through `foreign`."""

import codecs
import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, cast

import msgspec

from harness.judging.evalplus_samples import evalplus_rows, is_sample_folder
from harness.judging.foreign.multipl_e import is_multipl_e
from harness.judging.foreign.opening import open_unzipped
from harness.judging.foreign.read import ForeignTool, foreign_samples
from harness.judging.sample_numbers import Numbering, SampleCounter, SampleRow, number_samples
from sandbox.errors import WavebenchError
from tasks.data.unique_names import unique_names
from tasks.errors import TaskError
from tasks.task import AnswerForm, Problem
from tasks.task_ids import canonical_task_id

_NAMES = tuple(f'"{name}"'.encode() for name in ("task_id", "completion", "solution", "sample", "turn"))
"""As a line of JSON spells them. The fast reader silently keeps the last value of a name that occurs twice."""
NAMED_IDS = 5
"""How many ids a sentence names before it only counts."""


class SamplesError(WavebenchError):
    """A samples file that cannot be read, or that does not fit the task."""


class Layout(StrEnum):
    """The tool that wrote the file, found from its content and never from its name."""

    OWN = "wavebench completions.jsonl"
    """Rows with task_id, sample, turn and completion."""
    HUMAN_EVAL = "human-eval samples"
    """Rows with task_id and completion."""
    EVALPLUS = "EvalPlus samples"
    """Rows with task_id and solution."""
    BIGCODE = "bigcode-evaluation-harness generations"
    """A JSON list with one list of whole programs per problem, in the order of the problems; or, as of
    humanevalexplain, one list of a single program per problem and description, in the same order."""
    LM_EVAL = ForeignTool.LM_EVAL.value
    """Rows with doc and filtered_resps."""
    INSPECT = ForeignTool.INSPECT.value
    """A .eval or .json log."""
    OPENAI_BATCH = ForeignTool.OPENAI_BATCH.value
    """Rows with custom_id and response."""
    MULTIPL_E = ForeignTool.MULTIPL_E.value
    """A folder with one file of completions or results per problem."""


FORMS = {
    Layout.OWN: AnswerForm.AUTO,
    Layout.HUMAN_EVAL: AnswerForm.CONTINUATION,
    Layout.EVALPLUS: AnswerForm.PROGRAM,
    Layout.BIGCODE: AnswerForm.PROGRAM,
    Layout.LM_EVAL: AnswerForm.PROGRAM,
    Layout.INSPECT: AnswerForm.AUTO,
    Layout.OPENAI_BATCH: AnswerForm.AUTO,
    Layout.MULTIPL_E: AnswerForm.PROGRAM,
}
_REQUEST = re.compile(r"(.+?)[-_#:]\d+")
"""The id of a problem before the number of one of several requests for it."""


@dataclass(frozen=True, slots=True)
class ExternalSample:
    """One text of a samples file."""

    task_id: str
    sample: int
    turn: int
    text: str
    form: AnswerForm
    """What its row says the text is."""


@dataclass(frozen=True, slots=True)
class SamplesFile:
    """A samples file whose layout is known."""

    path: Path
    layout: Layout
    """Of its first row."""
    forms: frozenset[AnswerForm]
    """Of all its rows."""
    form: AnswerForm
    """Of its first row."""

    def sha256(self) -> str:
        if self.path.is_dir() and self.layout is Layout.MULTIPL_E:
            texts = [[row.task_id, row.text] for _, row in _rows(self.path)]
            return hashlib.sha256(json.dumps(texts).encode()).hexdigest()
        if self.path.is_dir():
            return hashlib.sha256(json.dumps(evalplus_rows(self.path)).encode()).hexdigest()
        with self.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    def read(self, problems: Sequence[Problem], numbering: Numbering | None = None) -> Iterator[ExternalSample]:
        """Every complete sample; reads row by row where the file has rows, so that memory stays flat.

        `problems` are all problems of the task, `numbering` is what the method of that name returns for them. Raises
        SamplesError for a row that is damaged or names an unknown problem.
        """
        if self.layout is Layout.BIGCODE:
            yield from _read_lists(self.path, problems)
            return
        numbers, counter = (numbering or self.numbering(problems)).numbers, SampleCounter()
        for _, row, key in _numbered(self.path, problems):
            number = numbers[key.task_id][counter.place(key)]
            if number is not None:
                yield ExternalSample(key.task_id, number, key.turn, row.text, row.answer_form)

    def rows(self) -> Iterator[tuple["LinePosition", "SampleLine"]]:
        """Every row as it stands, with its place; only of layouts that have rows."""
        return _rows(self.path)

    def numbering(self, problems: Sequence[Problem]) -> Numbering:
        """The number of each sample, and remarks on them. Reads the file once and keeps no text."""
        if self.layout is Layout.BIGCODE:
            return Numbering({sample.task_id: (0,) for sample in _read_lists(self.path, problems)})
        try:
            return number_samples(key for _, _, key in _numbered(self.path, problems))
        except ValueError as error:
            raise SamplesError(str(error)) from None

    def refuse_missing(self, numbering: Numbering, wanted: Sequence[Problem]) -> None:
        """Raises SamplesError when a wanted problem has no complete sample."""
        missing = [problem.task_id for problem in wanted if not numbering.has(problem.task_id)]
        if missing:
            more = f" and {len(missing) - NAMED_IDS} more" if len(missing) > NAMED_IDS else ""
            named = f"{', '.join(missing[:NAMED_IDS])}{more}"
            raise SamplesError(
                f"{str(self.path)!r} has no sample of {len(missing)} of the {len(wanted)} problems ({named}): "
                f"add them, judge only the first problems with --limit, or judge what is there with --allow-missing."
            )


class SampleLine(msgspec.Struct):
    """A row in any of the three row layouts."""

    task_id: str | int
    completion: str | None = None
    solution: str | None = None
    sample: int | None = None
    turn: int = 0
    form: object = None
    """Meaningful only in rows of wavebench itself; other tools may use the name for anything."""

    @property
    def text(self) -> str:
        """The solution where a row has both, as in EvalPlus."""
        return self.solution if self.solution is not None else self.completion or ""

    @property
    def layout(self) -> Layout:
        if self.solution is not None:
            return Layout.EVALPLUS
        return Layout.HUMAN_EVAL if self.sample is None else Layout.OWN

    @property
    def answer_form(self) -> AnswerForm:
        if self.layout is Layout.OWN and self.form in set(AnswerForm):
            return AnswerForm(str(self.form))
        return FORMS[self.layout]


class _ForeignLine(SampleLine):
    """A sample in another tool's own format."""

    tool: Layout = Layout.OWN
    known_form: AnswerForm = AnswerForm.AUTO

    @property
    def layout(self) -> Layout:
        return self.tool

    @property
    def answer_form(self) -> AnswerForm:
        return self.known_form


@dataclass(frozen=True, slots=True)
class LinePosition:
    """The place of a row in its file, for messages."""

    path: Path
    kind: str
    """Line, or Item for a JSON list."""
    number: int

    def __str__(self) -> str:
        return f"{self.kind} {self.number} of {str(self.path)!r}"


def holds_samples(folder: Path) -> bool:
    """Whether a folder holds samples of EvalPlus or MultiPL-E, and is no run folder."""
    return is_sample_folder(folder) or (not (folder / "config.toml").exists() and is_multipl_e(folder))


def open_samples(path: Path) -> SamplesFile:
    """Finds the layout from the file's content. Raises SamplesError when it is not a known one."""
    if not path.is_file() and not (path.is_dir() and holds_samples(path)):
        raise SamplesError(f"The samples file {str(path)!r} does not exist: name a .jsonl, .jsonl.gz or .json file.")
    if _is_list(path):
        items = _load_list(path)
        if not items:
            raise SamplesError(
                f"The samples file {str(path)!r} holds an empty list: it should hold one list per problem."
            )
        if isinstance(items[0], list):
            return SamplesFile(path, Layout.BIGCODE, frozenset({FORMS[Layout.BIGCODE]}), FORMS[Layout.BIGCODE])
    # The first of two passes reads strictly; the second, which copies the samples, does not have to.
    rows = (row for _, row in _rows(path, unique=True))
    first = next(rows, None)
    if first is None:
        raise SamplesError(f"The samples file {str(path)!r} is empty: it should hold one sample per line.")
    forms = frozenset({first.answer_form, *(row.answer_form for row in rows)})
    return SamplesFile(path, first.layout, forms, first.answer_form)


def _numbered(path: Path, problems: Sequence[Problem]) -> Iterator[tuple[LinePosition, SampleLine, SampleRow]]:
    """Every row with its place and what numbering needs of it."""
    known = {problem.task_id: None for problem in problems}
    for place, row in _rows(path):
        try:
            task_id = canonical_task_id(_problem_of(row, known), known)
        except TaskError as error:
            raise SamplesError(f"{place}: {error}") from None
        yield place, row, SampleRow(task_id, row.sample, row.turn, hash(row.text), str(place))


def _problem_of(row: SampleLine, known: Collection[str]) -> str | int:
    """The id that a row spells; of a request's own id without the number behind it, where it is no problem's id."""
    request = _REQUEST.fullmatch(str(row.task_id)) if row.layout is Layout.OPENAI_BATCH else None
    if request:
        with suppress(TaskError):
            canonical_task_id(request[1], known)
            return request[1]
    return row.task_id


def _read_lists(path: Path, problems: Sequence[Problem]) -> Iterator[ExternalSample]:
    lists = _load_list(path)
    singles = all(isinstance(each, list) and len(cast(list[object], each)) == 1 for each in lists)
    if singles and len(lists) > len(problems) and len(lists) % len(problems) == 0:
        # Of humanevalexplain: the descriptions of a problem stand next to each other, each with one program.
        count = len(lists) // len(problems)
        flat = [text for each in lists for text in cast(list[object], each)]
        lists = [flat[begin : begin + count] for begin in range(0, len(flat), count)]
    if len(lists) > len(problems):
        raise SamplesError(
            f"{str(path)!r} holds {len(lists)} lists, one per problem, but the task has {len(problems)} problems: "
            f"name the task these generations were made for."
        )
    for number, (problem, texts) in enumerate(zip(problems, lists, strict=False), start=1):
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in cast(list[object], texts)):
            raise _unknown_layout(path, f"its item {number} is not a list of texts")
        for sample, text in enumerate(cast(list[str], texts)):
            yield ExternalSample(problem.task_id, sample, 0, text, FORMS[Layout.BIGCODE])


def _is_list(path: Path) -> bool:
    if path.is_dir():
        return False
    with _open(path) as stream:
        return stream.read(4096).removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"["


def _rows(path: Path, unique: bool = False) -> Iterator[tuple[LinePosition, SampleLine]]:
    """Every row. `unique` also refuses names that a row has twice, which doubles the time."""
    if foreign := foreign_samples(path):
        layout = Layout(foreign[0].value)
        for number, found in enumerate(foreign[1], start=1):
            row = _ForeignLine(found.task_id, found.text, sample=found.sample, tool=layout, known_form=found.form)
            yield LinePosition(path, "Sample", number), row
        return
    yield from _plain_rows(path, unique)


def _plain_rows(path: Path, unique: bool) -> Iterator[tuple[LinePosition, SampleLine]]:
    if (found := evalplus_rows(path)) is not None:
        for number, row in enumerate(found, start=1):
            place = LinePosition(path, "Sample", number)
            yield place, _to_row(row, place)
        return
    if _is_list(path):
        for number, row in enumerate(_load_list(path), start=1):
            place = LinePosition(path, "Item", number)
            yield place, _to_row(row, place)
        return
    with _open(path) as stream:
        for number, line in enumerate(stream, start=1):
            content = line.removeprefix(codecs.BOM_UTF8)  # in the middle of a file, too, where files were concatenated
            if content.strip():
                place = LinePosition(path, "Line", number)
                # Counted first: only a line that may hold a name twice is worth the slow reader.
                if unique and any(content.count(name) > 1 for name in _NAMES):
                    _decode_leniently(content, place)
                try:
                    row = _refuse_empty(msgspec.json.decode(content, type=SampleLine), place)
                except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                    row = _to_row(_decode_leniently(content, place), place)
                yield place, row


def _decode_leniently(content: bytes, place: LinePosition | str) -> object:
    """Accepts half characters and NaN, which other tools write and the fast reader refuses."""
    try:
        return json.loads(content.decode("utf-8", "surrogatepass"), object_pairs_hook=unique_names)
    except UnicodeDecodeError as error:
        raise SamplesError(
            f"{place} is not UTF-8 (byte 0x{content[error.start]:02x} at position {error.start}): "
            f"save the file as UTF-8, or remove that line."
        ) from None
    except (ValueError, RecursionError) as error:
        raise SamplesError(f"{place} is not valid JSON ({error}): correct or remove it.") from None


def _to_row(row: object, place: LinePosition) -> SampleLine:
    try:
        return _refuse_empty(msgspec.convert(row, SampleLine), place)
    except msgspec.ValidationError as error:
        raise _unknown_layout(place.path, f"{place.kind.lower()} {place.number}: {error}") from None


def _refuse_empty(row: SampleLine, place: LinePosition) -> SampleLine:
    if row.solution is None and row.completion is None:
        raise SamplesError(f"{place} ({row.task_id!r}) has neither 'completion' nor 'solution': add one.")
    return row


def _load_list(path: Path) -> list[object]:
    with _open(path) as stream:
        content = stream.read().removeprefix(codecs.BOM_UTF8)
    loaded = _decode_leniently(content, repr(str(path)))
    return cast(list[object], loaded) if isinstance(loaded, list) else []


@contextmanager
def _open(path: Path) -> Generator[IO[bytes]]:
    try:
        with open_unzipped(path) as stream:
            yield stream
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise SamplesError(f"{str(path)!r} is cut short or damaged ({error}): copy it again.") from None


def _unknown_layout(path: Path, reason: str) -> SamplesError:
    return SamplesError(
        f"{str(path)!r} is not a samples file of a known layout ({reason}): use JSON Lines with task_id and completion "
        f"or solution, a JSON list with one list of programs per problem, or what lm-eval --log_samples, inspect_ai, "
        f"OpenAI's batch API or MultiPL-E write."
    )
