"""`wavebench submit` and `wavebench verify`: what they are asked, and nothing else."""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.sentences import in_one_sentence

if TYPE_CHECKING:
    from leaderboards.submission.verify import RunReport

REFUTED = 1
Data = Annotated[Path | None, typer.Option("--data", help="Folder with the benchmark's files.")]


@in_one_sentence
def submit(
    runs: Annotated[list[Path], typer.Argument(help="Run folders of one model, or a folder that holds them.")],
    out: Annotated[Path, typer.Option("--out", help="Zip file to write.")] = Path("submission.zip"),
    data: Data = None,
) -> None:
    """Checks that runs are whole and unmixed, and packs them with their hashes into one zip file."""
    from leaderboards.submission.pack import pack

    index = pack(runs, out, data)
    for run in index.runs:
        typer.echo(f"{run.folder}: {run.model} on {run.task}, {_scores(run.pass_at_1, run.confirmed_pass_at_1)}")
    typer.echo(f"Submission: {out}")


@in_one_sentence
def verify(
    file: Annotated[Path, typer.Argument(help="A file that `wavebench submit` wrote, or claims to.")],
    share: Annotated[float, typer.Option("--share", min=0, max=1, help="Part to run again; 1 runs everything.")] = 0.1,
    seed: Annotated[int | None, typer.Option("--seed", help="Draws the part; left out, nobody can foresee it.")] = None,
    keep: Annotated[
        Path | None, typer.Option("--keep", help="Folder for the run folders, if all are confirmed.")
    ] = None,
    most_mb: Annotated[int, typer.Option("--most-mb", min=1, help="The most that the file may unpack to.")] = 2000,
    data: Data = None,
    workers: Annotated[int | None, typer.Option("--workers", help="Programs that run at once; one per core.")] = None,
) -> None:
    """Confirms or refutes a submission: checks that it is whole, and runs a random part of it again in the sandbox."""
    from leaderboards.submission.unpack import unpack
    from leaderboards.submission.verify import Terms, verify_run

    with tempfile.TemporaryDirectory(prefix="wavebench-verify-") as place:
        folder = Path(place)
        index = unpack(file, folder, most_mb * 1_000_000)
        terms = Terms(data, share, seed, workers=workers)
        reports = [verify_run(folder / run.folder, run, terms) for run in index.runs]
        for report in reports:
            typer.echo(_told(report))
        if not all(report.confirmed for report in reports):
            raise typer.Exit(REFUTED)
        if keep is not None:
            _keep(folder, keep, reports)


def _told(report: "RunReport") -> str:
    from leaderboards.board import printable

    scores = _scores(report.claimed, report.confirmed_score)
    forged = f", {report.forged} passes FORGED" if report.forged else ""
    title = printable(f"{report.folder}: {report.model} on {report.task}, {scores}{forged}")
    if not report.confirmed:
        return "\n".join([f"REFUTED {title}", *(f"  - {printable(finding)}" for finding in report.findings)])
    doubt = f"at most {100 * report.most_false_passes:.1f} % of the claimed passes can be false (95 %)"
    return (
        f"CONFIRMED {title}\n  {report.executed} of {report.samples} samples run again (seed {report.seed}), "
        f"all verdicts hold; {doubt if report.most_false_passes else 'none is left'}."
    )


def _scores(pass_at_1: float, confirmed: float | None) -> str:
    beside = "not confirmed" if confirmed is None else f"confirmed {100 * confirmed:.1f} %"
    return f"pass@1 {100 * pass_at_1:.1f} % ({beside})"


def _keep(folder: Path, keep: Path, reports: "Sequence[RunReport]") -> None:
    from leaderboards.submission.bundle import SubmissionError

    if keep.exists():
        raise SubmissionError(f"{str(keep)!r} is there already: name a new folder for --keep.")
    for report in reports:
        shutil.copytree(folder / report.folder, keep / report.folder)
    typer.echo(f"Run folders: {keep}")
