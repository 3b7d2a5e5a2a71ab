"""What a table must know of one run folder: read once, as a stream, without its texts."""

import hashlib
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from harness.config import RunConfig
from harness.judged import read_marks
from harness.manifest import Manifest
from harness.run_folder import RunFolder, TaskIdentity
from harness.statistics.paired import Tally
from sandbox.errors import WavebenchError
from tasks.verdict import Verdict


class RecordError(WavebenchError):
    """A folder that cannot stand in a table."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run: what was asked, under which terms, and how many samples of each problem passed."""

    path: Path
    config: RunConfig
    task: TaskIdentity
    tallies: Mapping[str, Tally]
    """By task id, over judged samples; a problem without any is left out."""
    verdicts: Mapping[Verdict, int]
    manifest: Manifest
    run_sha256: str
    """Over all four files of the folder: leads from a published number back to its run, and to no edited one."""

    @property
    def model(self) -> str:
        return self.config.model

    @property
    def tier(self) -> str:
        """Under which isolation the samples were judged; empty when the manifest does not say."""
        judging: Mapping[str, Any] = self.manifest.get("judging") or {}
        return str(judging.get("tier", ""))

    @property
    def finished(self) -> str:
        """When judging ended, as ISO 8601; empty when the manifest does not say."""
        return str(self.manifest.get("finished") or self.manifest.get("judged") or "")

    @property
    def label(self) -> str:
        return f"{self.model} ({self.path})"


def find_runs(paths: Sequence[Path]) -> list[Path]:
    """The run folders at or below `paths`, each once, in order of their names. Raises RecordError where none lies."""
    found: dict[Path, Path] = {}
    for path in paths:
        folders = sorted(_run_folders(path))
        if not folders:
            raise RecordError(
                f"{str(path)!r} holds no run folder: name a folder that `wavebench eval` or `wavebench judge` made."
            )
        found |= {folder.resolve(): folder for folder in folders}
    return list(found.values())


def _run_folders(path: Path) -> Iterator[Path]:
    if (path / "config.toml").is_file():
        yield path
        return
    for manifest in path.rglob("manifest.json"):
        if (manifest.parent / "config.toml").is_file():
            yield manifest.parent


def read_record(path: Path) -> RunRecord:
    """Reads config, manifest and verdicts. Raises RecordError when nothing is judged yet."""
    folder = RunFolder(path, writable=False)
    config = folder.config()
    manifest = folder.manifest()
    verdicts: Counter[Verdict] = Counter()
    judged: Counter[str] = Counter()
    passed: Counter[str] = Counter()
    for mark in read_marks(folder.verdicts.path).values():
        verdicts[mark.verdict] += 1
        judged[sys.intern(mark.task_id)] += mark.verdict is not Verdict.NOT_JUDGED
        passed[mark.task_id] += mark.verdict is Verdict.PASSED
    if not +judged:
        raise RecordError(f"{str(path)!r} has no judged sample: run `wavebench judge {path}` first.")
    return RunRecord(
        path=path,
        config=config,
        task=_identity(path, manifest),
        tallies={task_id: Tally(count, passed[task_id]) for task_id, count in judged.items() if count},
        verdicts={verdict: verdicts[verdict] for verdict in Verdict if verdicts[verdict]},
        manifest=manifest,
        run_sha256=_fingerprint(folder),
    )


def _fingerprint(folder: RunFolder) -> str:
    whole = hashlib.sha256()
    for file in (folder.config_file, folder.manifest_file, folder.completions.path, folder.verdicts.path):
        content = b""
        if file.exists():
            with file.open("rb") as stream:
                content = hashlib.file_digest(stream, "sha256").digest()
        whole.update(file.name.encode() + b"\0" + content)
    return whole.hexdigest()


def _identity(path: Path, manifest: Manifest) -> TaskIdentity:
    try:
        return msgspec.convert(manifest.get("task"), TaskIdentity)
    except msgspec.ValidationError:
        raise RecordError(
            f"The manifest of {str(path)!r} does not say which task version and data it rests on: "
            f"run `wavebench judge {path}` again."
        ) from None
