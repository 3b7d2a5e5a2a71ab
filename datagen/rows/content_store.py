"""Content-addressed stages: a folder whose name holds the hash of all that decides its contents, finished or absent."""

import hashlib
import json
import os
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from harness.files.folder_lock import lock_folder
from harness.files.json_lines import NO_ROOM, full_disk

T = TypeVar("T")


def run_stage(
    work: Path, name: str, version: int, settings: object, inputs: Iterable[Path], build: Callable[[Path], None]
) -> Path:
    """The finished folder of a stage; builds it when there is none.

    `build` fills a draft folder whose name carries the same hash, so that what an earlier try left there is from equal
    inputs and may be used again. A crash leaves the draft; only a whole folder gets the final name. Raises
    FullDiskError when there is no room; nothing that was finished is lost.
    """
    folder = stage_folder(work, name, version, settings, inputs)
    if folder.exists():
        return folder
    draft = folder.with_name(folder.name + ".partial")
    try:
        draft.mkdir(parents=True, exist_ok=True)
        build(draft)
        settle(draft)
        draft.replace(folder)
    except OSError as error:
        if error.errno in NO_ROOM:
            raise full_disk(draft) from error
        raise
    return folder


def stage_folder(work: Path, name: str, version: int, settings: object, inputs: Iterable[Path]) -> Path:
    """Where the finished stage lies, or will."""
    return work / "stages" / f"{name}-{stage_key(name, version, settings, inputs)}"


def stage_key(name: str, version: int, settings: object, inputs: Iterable[Path]) -> str:
    """Hash over the stage's own name and version, its settings, and the names (so the hashes) of what it reads."""
    deciding = [name, version, msgspec.to_builtins(settings), [path.name for path in inputs]]
    return hashlib.sha256(json.dumps(deciding, sort_keys=True).encode()).hexdigest()[:16]


@contextmanager
def only_one(out: Path, when: bool = True) -> Generator[None]:
    """Refuses a second process in the same folder; `when` is False for one that the first has started."""
    if not when:
        yield
        return
    out.mkdir(parents=True, exist_ok=True)
    descriptor = lock_folder(out)
    try:
        yield
    finally:
        os.close(descriptor)


def settle(folder: Path) -> None:
    """Makes every file of a folder safe against a power cut."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)


def write_rows(file: Path, rows: Iterable[object]) -> int:
    """Writes one JSON line a row, whole or not at all; returns how many."""
    draft, count = file.with_name(file.name + ".draft"), 0
    with draft.open("wb") as stream:
        for row in rows:
            stream.write(msgspec.json.encode(row) + b"\n")
            count += 1
    draft.replace(file)
    return count


def read_rows(file: Path, kind: type[T]) -> Iterator[T]:
    """The rows of such a file, one in memory at a time."""
    decoder = msgspec.json.Decoder(kind)
    with file.open("rb") as stream:
        for line in stream:
            yield decoder.decode(line)


def write_facts(file: Path, facts: object) -> None:
    """Writes counts and figures as readable JSON with sorted keys."""
    text = json.dumps(msgspec.to_builtins(facts), indent=2, sort_keys=True) + "\n"
    draft = file.with_name(file.name + ".draft")
    draft.write_text(text)
    draft.replace(file)


def read_facts(file: Path) -> Mapping[str, Any]:
    """What `write_facts` wrote."""
    return json.loads(file.read_text())
