"""Content-addressed stages: a folder whose name holds the hash of all that decides its contents, finished or absent."""

import hashlib
import json
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from harness.files.atomic_write import open_whole, open_whole_folder, write_whole
from harness.files.folder_lock import lock_folder
from harness.files.json_lines import read_lines

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
    if not folder.exists():
        with open_whole_folder(folder, resume=True) as draft:
            build(draft)
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
    lock = lock_folder(out)
    try:
        yield
    finally:
        lock.release()


def write_rows(file: Path, rows: Iterable[object]) -> int:
    """Writes one JSON line a row, whole or not at all; returns how many."""
    count = 0
    with open_whole(file) as stream:
        for row in rows:
            stream.write(msgspec.json.encode(row) + b"\n")
            count += 1
    return count


def write_lines(file: Path, lines: Iterable[bytes]) -> None:
    """Writes whole lines, as they come from other processes; the file is there whole or not at all."""
    with open_whole(file) as stream:
        stream.writelines(lines)


def read_rows(file: Path, kind: type[T]) -> Iterator[T]:
    """The rows of such a file, one in memory at a time."""
    return (row for _, row in read_lines(file, kind))


def write_facts(file: Path, facts: object) -> None:
    """Writes counts and figures as readable JSON with sorted keys."""
    write_whole(file, json.dumps(msgspec.to_builtins(facts), indent=2, sort_keys=True) + "\n")


def read_facts(file: Path) -> Mapping[str, Any]:
    """What `write_facts` wrote."""
    return json.loads(file.read_text())
