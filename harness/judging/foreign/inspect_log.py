"""inspect_ai: an evaluation's log, as .eval (a zip file) or .json."""

import importlib
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from harness.judging.foreign.sample import ForeignFileError, ForeignSample
from tasks.task import AnswerForm

_ZSTANDARD = 93
"""The method of the zip format by which newer versions of inspect_ai compress."""


def is_inspect_archive(path: Path) -> bool:
    """Whether a file is a log in the format .eval."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(name.startswith("samples/") for name in archive.namelist())


def is_inspect_document(found: object) -> bool:
    """Whether a JSON document is such a log."""
    return isinstance(found, dict) and {"eval", "status", "samples"} <= found.keys()


def inspect_archive_samples(path: Path) -> Iterator[ForeignSample]:
    """The samples of a log in the format .eval, one in memory at a time. Raises ForeignFileError."""
    with zipfile.ZipFile(path) as archive:
        names = [each for each in archive.infolist() if each.filename.startswith("samples/")]
        for entry in sorted(names, key=lambda each: (len(each.filename), each.filename)):
            yield _sample(str(path), json.loads(_content(archive, entry)))


def inspect_document_samples(path: Path, log: dict[str, Any]) -> Iterator[ForeignSample]:
    """The samples of a log in JSON. Raises ForeignFileError."""
    for found in log["samples"] or ():
        yield _sample(str(path), found)


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


def _sample(log: str, found: dict[str, Any]) -> ForeignSample:
    try:
        content = found["output"]["choices"][0]["message"]["content"]
        task_id, epoch = found["id"], int(found["epoch"])
    except (KeyError, IndexError, TypeError):
        raise ForeignFileError(
            f"Sample {found.get('id')!r} of {log!r} holds no answer, as one that ended in an error: run `inspect "
            f"eval-retry {log}` and judge the log that it writes."
        ) from None
    if isinstance(content, list):
        content = "".join(each.get("text", "") for each in cast("list[dict[str, Any]]", content))
    return ForeignSample(task_id, str(content), AnswerForm.AUTO, epoch - 1)
