"""`wavebench submit`: checks that runs are whole, and packs them."""

import hashlib
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from harness.files.atomic_write import open_whole
from harness.statistics.paired import Tally
from leaderboards.runs.publishing import refuse_unpublishable
from leaderboards.runs.record import find_runs, read_record
from leaderboards.submission.bundle import FORMAT, INDEX, RUN_FILES, BundledRun, Index, SubmissionError
from leaderboards.submission.mixture import mixture


def pack(paths: Sequence[Path], out: Path, data: Path | None = None) -> Index:
    """Writes the zip. Raises UnpublishableError for a run that nobody else could confirm, SubmissionError when the runs
    do not belong together."""
    records = [read_record(folder) for folder in find_runs(paths)]
    for _, reason in mixture(records):
        raise SubmissionError(reason)
    refuse_unpublishable(records, data)
    index = Index(
        FORMAT,
        tuple(
            BundledRun(
                folder=f"run-{number:02}",
                model=record.model,
                task=record.task.name,
                pass_at_1=_mean(record.tallies),
                confirmed_pass_at_1=None if record.confirmed is None else _mean(record.confirmed),
                files={name: _sha256(record.path / name) for name in RUN_FILES},
            )
            for number, record in enumerate(records)
        ),
    )
    with open_whole(out) as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(INDEX, msgspec.json.format(msgspec.json.encode(index), indent=2))
        for record, bundled in zip(records, index.runs, strict=True):
            for name in RUN_FILES:
                archive.write(record.path / name, f"{bundled.folder}/{name}")
    return index


def _mean(tallies: Mapping[str, Tally]) -> float:
    return sum(tally.passed / tally.samples for tally in tallies.values()) / len(tallies)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
