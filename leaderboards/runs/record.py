"""One run folder as tables need it: read once, as a stream, without its texts."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from harness.files.progress import warn
from harness.generation.spending import Spending, read_spending
from harness.runs.config import RunConfig
from harness.runs.manifest import Manifest, read_manifest
from harness.runs.run_folder import RunFolder, TaskIdentity
from harness.runs.verdict_log import VerdictSummary, read_summaries
from harness.scoring.answer_counts import count_answers
from harness.scoring.confirmations import were_confirmed
from harness.statistics.paired import Tally
from sandbox.errors import WavebenchError
from tasks.facts import known_unsound
from tasks.verdict import Verdict


class RecordError(WavebenchError):
    """A folder that cannot be shown in a table."""


class UnjudgedRunError(RecordError):
    """A run without a verdict."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run: its settings, and how many samples of each problem passed."""

    path: Path
    config: RunConfig
    task: TaskIdentity
    tallies: Mapping[str, Tally]
    """By task id, over judged samples; a problem without any is left out. Passes by the benchmark's own protocol,
    which counts forged ones too: the tallies behind pass@k in score.json."""
    unforged: Mapping[str, Tally]
    """The same without forged passes: the basis of ranks and differences."""
    confirmed: Mapping[str, Tally] | None
    """The same for confirmed passes: tests and candidate in separate processes. None where that was not tried or is
    impossible."""
    unsound: Mapping[str, str]
    """Problems among them whose reference or tests cannot be relied on, with the evidence."""
    verdicts: Mapping[Verdict, int]
    manifest: Manifest
    run_sha256: str
    """Over all four files of the folder: leads from a published number back to its run, and to no edited one."""
    lost: Mapping[str, int] = field(default_factory=dict[str, int])
    """By kind, such as cut or empty: answers that are not what the model would have said, and did not pass."""
    spending: Spending | None = None
    """Tokens and money of its answers; None where its lines do not say, as of samples made elsewhere."""

    @property
    def model(self) -> str:
        return self.config.model

    @property
    def forged(self) -> int:
        """Samples that pass only when they share a process with the tests."""
        return self.verdicts.get(Verdict.FORGED, 0)

    @property
    def tier(self) -> str:
        """Under which isolation the samples were judged; empty when the manifest does not say."""
        return str(self.section("judging").get("tier", ""))

    @property
    def finished(self) -> str:
        """When judging ended, as ISO 8601; empty when the manifest does not say."""
        return str(self.manifest.get("finished") or self.manifest.get("judged") or "")

    def section(self, name: str) -> Mapping[str, Any]:
        """A section of the manifest; empty when there is none."""
        return self.manifest.get(name) or {}

    @property
    def label(self) -> str:
        return f"{self.model} ({self.path})"


def find_runs(paths: Sequence[Path]) -> list[Path]:
    """The run folders at or below `paths`, each once, in order of their names. Raises RecordError where none lies."""
    found: dict[Path, Path] = {}
    for path in paths:
        folders = [path] if (path / "config.toml").is_file() else []
        if not folders:
            manifests = sorted(path.rglob("manifest.json"))
            folders = [each.parent for each in manifests if (each.parent / "config.toml").is_file()]
        if not folders:
            raise RecordError(
                f"{str(path)!r} holds no run folder: name a folder that `wavebench eval` or `wavebench judge` made."
            )
        found |= {folder.resolve(): folder for folder in folders}
    return list(found.values())


def read_records(paths: Sequence[Path]) -> list[RunRecord]:
    """The runs at or below `paths`. Those below without a verdict, such as one that just began, are left out and named.

    Raises RecordError where a path is no run and holds none, or where none is judged.
    """
    named = {path.resolve() for path in paths}
    found: list[RunRecord] = []
    unjudged: list[UnjudgedRunError] = []
    for folder in find_runs(paths):
        try:
            found.append(read_record(folder))
        except UnjudgedRunError as error:
            if folder.resolve() in named:
                raise
            unjudged.append(error)
    if not found:
        raise unjudged[0]
    for error in unjudged:
        warn(f"Left out: {error}")
    return found


def read_record(path: Path) -> RunRecord:
    """Reads config, manifest and verdicts. Raises RecordError when nothing is judged yet."""
    folder = RunFolder(path, writable=False)
    config = folder.config()
    manifest = read_checked_manifest(path)
    summaries = read_summaries(folder.verdicts.path)
    marks = summaries.values()
    judged = Counter(mark.task_id for mark in marks if mark.verdict is not Verdict.NOT_JUDGED)
    verdicts = Counter(mark.verdict for mark in marks)
    if not judged:
        raise UnjudgedRunError(f"{str(path)!r} has no judged sample: run `wavebench judge {path}` first.")
    try:
        task = msgspec.convert(manifest.get("task"), TaskIdentity)
    except msgspec.ValidationError:
        raise RecordError(
            f"The manifest of {str(path)!r} does not say which task version and data it used: "
            f"run `wavebench judge {path}` again."
        ) from None
    unsound = known_unsound(task.name, task.fingerprint)
    whole = hashlib.sha256()
    for file in (folder.config_file, folder.manifest_file, folder.completions.path, folder.verdicts.path):
        content = b""
        if file.exists():
            with file.open("rb") as stream:
                content = hashlib.file_digest(stream, "sha256").digest()
        whole.update(file.name.encode() + b"\0" + content)
    answers = count_answers(folder.completions.path, {mark.task_id for mark in marks}, summaries)
    spending = read_spending(folder.completions.path) if folder.completions.path.exists() else None
    return RunRecord(
        path=path,
        config=config,
        task=task,
        tallies=_tallies(judged, (mark for mark in marks if mark.verdict.passes_upstream)),
        unforged=_tallies(judged, (mark for mark in marks if mark.verdict is Verdict.PASSED)),
        confirmed=_tallies(judged, (mark for mark in marks if mark.confirmed))
        if were_confirmed(marks, config.confirm)
        else None,
        unsound={task_id: unsound[task_id] for task_id in judged if task_id in unsound},
        verdicts={verdict: verdicts[verdict] for verdict in Verdict if verdicts[verdict]},
        manifest=manifest,
        run_sha256=whole.hexdigest(),
        lost={kind: count for kind, count in answers.failed.items() if count} if answers else {},
        spending=spending if spending and spending.completion_tokens else None,
    )


class _Judging(msgspec.Struct):
    """The kinds of what is read of a manifest's section of that name."""

    tier: str = ""
    versions: dict[str, str] | None = None


class _Sections(msgspec.Struct):
    """The kinds of what is read of a manifest; more may stand there."""

    task: dict[str, Any] | None = None
    model: dict[str, Any] | None = None
    judging: _Judging | None = None
    started: str | None = None
    judged: str | None = None
    finished: str | None = None


def read_checked_manifest(path: Path) -> Manifest:
    """The manifest of a run folder; empty when there is none. Raises RecordError for a section of the wrong kind."""
    manifest = read_manifest(path / "manifest.json")
    try:
        msgspec.convert(manifest, _Sections)
    except msgspec.ValidationError as error:
        raise RecordError(
            f"The manifest of {str(path)!r} is damaged ({error}): restore it, or make the run again."
        ) from None
    return manifest


def _tallies(judged: Counter[str], passes: Iterable[VerdictSummary]) -> dict[str, Tally]:
    passed = Counter(mark.task_id for mark in passes)
    return {task_id: Tally(count, passed[task_id]) for task_id, count in judged.items()}
