"""The commands `wavebench submit` and `wavebench verify`: their arguments and their output."""

import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.errors import report_errors
from harness.cli.options import AsJson, print_json

if TYPE_CHECKING:
    from leaderboards.submission.verify import RunReport

REFUTED = 1
UNDECIDED = 3
"""Exit codes; 2 already means a command line that cannot be parsed."""
Data = Annotated[Path | None, typer.Option("--data", help="Folder with the benchmark's files.")]


@report_errors
def submit(
    runs: Annotated[list[Path], typer.Argument(help="Run folders of one model, or a folder that holds them.")],
    out: Annotated[Path, typer.Option("--out", help="Zip file to write.")] = Path("submission.zip"),
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Checks that runs can be published, and packs them. The result is one zip file with their hashes."""
    import msgspec

    from leaderboards.submission.pack import pack

    index = pack(runs, out, data)
    if as_json:
        print_json({"submission": out, **msgspec.to_builtins(index)})
        return
    for run in index.runs:
        typer.echo(f"{run.folder}: {run.model} on {run.task}, {_format_scores(run.pass_at_1, run.confirmed_pass_at_1)}")
    typer.echo(f"Submission: {out}")


@report_errors
def verify(
    file: Annotated[Path, typer.Argument(help="A zip file that `wavebench submit` wrote.")],
    share: Annotated[
        float | None,
        typer.Option("--share", help="Share of the samples to re-execute. [default: 0.1]"),
    ] = None,
    at_most: Annotated[
        str | None,
        typer.Option(
            "--at-most",
            metavar="PERCENT",
            help="Instead of --share: most claimed passes that may be false.",
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", help="Random seed of the drawn samples. [default: a secret one]")
    ] = None,
    keep: Annotated[
        Path | None, typer.Option("--keep", help="New folder for the run folders if all are confirmed.")
    ] = None,
    most_mb: Annotated[int, typer.Option("--most-mb", min=1, help="Size limit of the unpacked file, in MB.")] = 2000,
    data: Data = None,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="Programs that run at once. [default: one per core]")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Confirms or refutes a submission. Checks that it is complete and executes a random part of it again.

    Exit code 0: all runs are confirmed; 1: one is refuted; 3: one could not be decided on this machine.
    """
    import msgspec

    from leaderboards.submission.bundle import SubmissionError
    from leaderboards.submission.unpack import unpack
    from leaderboards.submission.verify import SHARE, Decision, VerifyOptions, verify_submission

    if keep is not None and keep.exists():
        raise SubmissionError(f"{str(keep)!r} exists already: name a new folder for --keep.")
    if share is not None and at_most is not None:
        raise SubmissionError("--share and --at-most both set how much is re-executed: give only one.")
    bound = None if at_most is None else _percent(at_most)
    settings = VerifyOptions(data, SHARE if share is None else share, seed, workers=workers, at_most=bound)
    with tempfile.TemporaryDirectory(prefix="wavebench-verify-") as place:
        folder = Path(place)
        reports = verify_submission(folder, unpack(file, folder, most_mb * 1_000_000), settings)
        if as_json:
            print_json([{**msgspec.to_builtins(each), "decision": each.decision} for each in reports])
        for report in () if as_json else reports:
            typer.echo(_describe(report))
        decisions = {report.decision for report in reports}
        if decisions != {Decision.CONFIRMED}:
            raise typer.Exit(REFUTED if Decision.REFUTED in decisions else UNDECIDED)
        if keep is not None:
            for report in reports:
                shutil.copytree(folder / report.folder, keep / report.folder)
            typer.echo(f"Run folders: {keep}", err=as_json)


def _percent(words: str) -> float:
    """A share of 1 from "1 %", "1%" or "1"."""
    from leaderboards.submission.bundle import SubmissionError

    number = re.fullmatch(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*%?\s*", words)
    if not number:
        raise SubmissionError(f"--at-most {words!r} is not a percentage: write it as 1% or 0.5%.")
    return float(number[1]) / 100


def _describe(report: "RunReport") -> str:
    from leaderboards.runs.names import printable
    from leaderboards.submission.verify import Decision

    split = f" (split {report.split})" if report.split else ""
    own = f", own problems of {report.own_problems!r}" if report.own_problems else ""
    origin = ", samples made elsewhere" if report.made_elsewhere else ""
    forged = f", {report.forged} passes FORGED" if report.forged else ""
    part = ""
    if report.drawn:
        share = 100 * report.executed / report.samples
        part = f", {report.executed} of {report.samples} samples ({share:.1f} %) run again"
    claimed = f"claimed pass@1 {100 * report.claimed:.1f} %"
    scores = _format_scores(report.claimed, report.confirmed_score) if report.samples else claimed
    # A stranger wrote the names: they are cut, so that no line buries the decision.
    run = f"{report.model[:200]} on {report.task[:200]}{split}{own}{origin}, {scores}{forged}{part}"
    heading = printable(f"{report.decision.upper()} {report.folder}: {run}")
    lines = [heading, *(f"  - {printable(reason)}" for reason in (*report.findings, *report.doubts))]
    if report.decision is Decision.CONFIRMED:
        # How much a draw without a false sample can have missed.
        if report.drawn == report.samples:
            missed = "everything was run again, no doubt is left"
        elif not report.passes:
            missed = "no pass is claimed"
        else:
            few = min(3, report.passes)
            missed = (
                f"at most {report.false_passes_left} of the {report.passes} claimed passes "
                f"({100 * report.most_false_passes:.1f} %) can be false (95 %); such a draw misses {few} false "
                f"{'pass' if few == 1 else 'passes'} among {report.samples} samples with a chance of "
                f"{100 * report.missed(few):.0f} %"
            )
        lines.append(f"  All verdicts hold (seed {report.seed}); {missed}.")
    if report.decision is Decision.UNDECIDED:
        again = f"; --seed {report.seed} draws the same samples" if report.drawn else ""
        lines.append(f"  Nothing is confirmed. Fix that, or use another machine, and verify again{again}.")
    return "\n".join(lines)


def _format_scores(pass_at_1: float, confirmed: float | None) -> str:
    beside = "not confirmed" if confirmed is None else f"confirmed {100 * confirmed:.1f} %"
    return f"pass@1 {100 * pass_at_1:.1f} % ({beside})"
