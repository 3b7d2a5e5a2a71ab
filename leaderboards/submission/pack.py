"""`wavebench submit`: checks that runs are whole, and packs them."""

import hashlib
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from harness.run import reopen_run
from harness.statistics.paired import Tally
from leaderboards.record import RunRecord, find_runs, read_record
from leaderboards.submission.audit import audit
from leaderboards.submission.bundle import FORMAT, INDEX, RUN_FILES, BundledRun, Index, SubmissionError
from leaderboards.terms import mismatches, terms_of

SHARED_TERMS = ("sampling", "max_tokens", "limits")
"""One submission is one model under one way of sampling."""


def pack(paths: Sequence[Path], out: Path, data: Path | None = None) -> Index:
    """Writes the zip. Raises SubmissionError when a run is not whole, or the runs do not belong together."""
    records = [read_record(folder) for folder in find_runs(paths)]
    _refuse_mixture(records)
    for record in records:
        _refuse_incomplete(record, data)
    index = Index(FORMAT, tuple(_bundled(record, number) for number, record in enumerate(records)))
    _write(records, index, out)
    return index


def _refuse_mixture(records: Sequence[RunRecord]) -> None:
    first = records[0]
    for number, record in enumerate(records[1:], start=1):
        if record.model != first.model:
            raise SubmissionError(
                f"{str(first.path)!r} is of {first.model!r} and {str(record.path)!r} of {record.model!r}: "
                f"submit one model at a time."
            )
        differing = [each for each in mismatches(terms_of(first), terms_of(record)) if each.term in SHARED_TERMS]
        if differing:
            raise SubmissionError(
                f"{str(first.path)!r} and {str(record.path)!r} differ in {differing[0]}: "
                f"submit runs made under the same settings."
            )
        for earlier in records[:number]:
            if (earlier.task, earlier.config.seed) == (record.task, record.config.seed):
                raise SubmissionError(
                    f"{str(earlier.path)!r} and {str(record.path)!r} are the same task and seed twice: "
                    f"submit one of them."
                )


def _refuse_incomplete(record: RunRecord, data: Path | None) -> None:
    """The same questions that whoever verifies it will ask, so that nobody is refused later."""
    if record.config.limit is not None:
        raise SubmissionError(
            f"{str(record.path)!r} holds only the first {record.config.limit} problems: submit a run without --limit."
        )
    changes: dict[str, object] = {"data": str(data.absolute())} if data else {}
    with reopen_run(record.path, changes) as run:
        findings = audit(run)
    if findings:
        raise SubmissionError(
            f"{str(record.path)!r} cannot be submitted, {findings[0]}: mend it with `wavebench judge {record.path}` "
            f"or run it again."
        )


def _bundled(record: RunRecord, number: int) -> BundledRun:
    return BundledRun(
        folder=f"run-{number:02}",
        model=record.model,
        task=record.task.name,
        pass_at_1=_mean(record.tallies),
        confirmed_pass_at_1=None if record.confirmed is None else _mean(record.confirmed),
        files={name: _sha256(record.path / name) for name in RUN_FILES},
    )


def _mean(tallies: Mapping[str, Tally]) -> float:
    return sum(tally.passed / tally.samples for tally in tallies.values()) / len(tallies)


def _write(records: Sequence[RunRecord], index: Index, out: Path) -> None:
    draft = out.with_name(f".{out.name}.draft")
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(INDEX, msgspec.json.format(msgspec.json.encode(index), indent=2))
        for record, bundled in zip(records, index.runs, strict=True):
            for name in RUN_FILES:
                archive.write(record.path / name, f"{bundled.folder}/{name}")
    draft.replace(out)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
