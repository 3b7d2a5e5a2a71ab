"""inspect_ai: an evaluation's log, as .eval (a zip file) or .json."""

import importlib
import json
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import msgspec

from harness.judging.foreign.opening import open_unzipped
from harness.judging.foreign.sample import ForeignFileError, ForeignSample
from tasks.task import AnswerForm

_ZSTANDARD = 93
"""The method of the zip format by which newer versions of inspect_ai compress."""


class _LoggedSample(msgspec.Struct):
    """What is read of a sample; `output` holds the answer."""

    id: Any = None
    epoch: Any = None
    output: Any = None


class _Log(msgspec.Struct):
    """What is read of a log in JSON."""

    eval: dict[str, Any]
    status: str
    samples: list[_LoggedSample] | None


def is_inspect_archive(path: Path) -> bool:
    """Whether a file is a log in the format .eval."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(name.startswith("samples/") for name in archive.namelist())


def inspect_document_samples(path: Path) -> Iterator[ForeignSample] | None:
    """The samples of a log in JSON; None where the file is no such log. Raises ForeignFileError while they are read."""
    state = path.stat()
    log = _read_log(path, state.st_mtime_ns, state.st_size)
    return None if log is None else (_sample(str(path), each) for each in log.samples or ())


def inspect_archive_samples(path: Path) -> Iterator[ForeignSample]:
    """The samples of a log in the format .eval, one in memory at a time. Raises ForeignFileError."""
    with zipfile.ZipFile(path) as archive:
        names = [each for each in archive.infolist() if each.filename.startswith("samples/")]
        for entry in sorted(names, key=lambda each: (len(each.filename), each.filename)):
            yield _sample(str(path), msgspec.convert(json.loads(_content(archive, entry)), _LoggedSample))


@lru_cache(maxsize=1)
def _read_log(path: Path, _modified: int, _size: int) -> _Log | None:
    """Without the messages and events of samples, which are nearly all of a log; a file is read in several passes."""
    with open_unzipped(path) as stream:
        content = stream.read()
    try:
        return msgspec.json.decode(content, type=_Log)
    except msgspec.ValidationError:
        return None
    except (msgspec.DecodeError, RecursionError):
        with suppress(ValueError, RecursionError, msgspec.ValidationError):  # as Python writes JSON, with NaN
            return msgspec.convert(json.loads(content), _Log)
    return None


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    if entry.compress_type != _ZSTANDARD:
        return archive.read(entry)
    try:
        zstandard: Any = importlib.import_module("zstandard")
    except ImportError:
        raise ForeignFileError(
            f"{archive.filename!r} is compressed by Zstandard, which needs a package: pip install zstandard, or write "
            f"the log as JSON: inspect log convert --to json --output-dir json {archive.filename}"
        ) from None
    stream = cast(Any, archive.fp)
    stream.seek(entry.header_offset)
    header = stream.read(30)
    # Name and extra field stand between the local header and the content, with lengths of their own.
    stream.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
    return zstandard.ZstdDecompressor().decompressobj().decompress(stream.read(entry.compress_size))


def _sample(log: str, found: _LoggedSample) -> ForeignSample:
    try:
        content = found.output["choices"][0]["message"]["content"]
        task_id, epoch = found.id, int(found.epoch)
    except (KeyError, IndexError, TypeError, ValueError):
        raise ForeignFileError(
            f"Sample {found.id!r} of {log!r} holds no answer, as one that ended in an error: run `inspect "
            f"eval-retry {log}` and judge the log that it writes."
        ) from None
    if isinstance(content, list):
        content = "".join(each.get("text", "") for each in cast("list[dict[str, Any]]", content))
    return ForeignSample(task_id, str(content), AnswerForm.AUTO, epoch - 1)
