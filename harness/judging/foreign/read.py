"""Finds which tool wrote a file, and reads it."""

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

from harness.judging.foreign.inspect_log import (
    inspect_archive_samples,
    inspect_document_samples,
    is_inspect_archive,
)
from harness.judging.foreign.lm_eval import is_lm_eval, lm_eval_samples
from harness.judging.foreign.multipl_e import is_multipl_e, multipl_e_samples
from harness.judging.foreign.openai_batch import is_openai_batch, openai_batch_samples
from harness.judging.foreign.opening import open_unzipped
from harness.judging.foreign.sample import ForeignFileError, ForeignSample


class ForeignTool(StrEnum):
    """Who wrote a file."""

    LM_EVAL = "lm-eval --log_samples"
    INSPECT = "inspect_ai log"
    OPENAI_BATCH = "OpenAI batch output"
    MULTIPL_E = "MultiPL-E results"


_HEAD_BYTES = 4096
Rows = Iterator[tuple[str, dict[str, Any]]]
_BY_LINE: tuple[
    tuple[ForeignTool, Callable[[dict[str, Any]], bool], Callable[[Rows], Iterator[ForeignSample]]], ...
] = (
    (ForeignTool.LM_EVAL, is_lm_eval, lm_eval_samples),
    (ForeignTool.OPENAI_BATCH, is_openai_batch, openai_batch_samples),
)


def foreign_samples(path: Path) -> tuple[ForeignTool, Iterator[ForeignSample]] | None:
    """The tool that wrote a file or folder, and its samples; None where it was none of these.

    Raises ForeignFileError while the samples are read.
    """
    if path.is_dir():
        return (ForeignTool.MULTIPL_E, multipl_e_samples(path)) if is_multipl_e(path) else None
    if is_inspect_archive(path):
        return ForeignTool.INSPECT, inspect_archive_samples(path)
    try:
        with open_unzipped(path) as stream:
            head = stream.read(_HEAD_BYTES)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        return None  # the reader of all other files says what is damaged
    if b'"status"' in head and b'"eval"' in head:
        samples = inspect_document_samples(path)
        if samples is not None:
            return ForeignTool.INSPECT, samples
    if not any(name in head for name in (b'"doc_id"', b'"custom_id"')):
        return None
    first = next(_rows(path), None)
    for tool, is_it, samples in _BY_LINE:
        if first and is_it(first[1]):
            return tool, samples(_rows(path))
    return None


def _rows(path: Path) -> Rows:
    with open_unzipped(path) as stream:
        for number, line in enumerate(stream, start=1):
            if not line.strip():
                continue
            place = f"Line {number} of {str(path)!r}"
            try:
                row: object = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise ForeignFileError(f"{place} is not valid JSON ({error}): correct or remove it.") from None
            if not isinstance(row, dict):
                raise ForeignFileError(f"{place} is no JSON object: correct or remove it.")
            yield place, cast("dict[str, Any]", row)
