"""`wavebench report`: writes report.html of run folders."""

from pathlib import Path

import typer

from harness.cli.errors import report_errors
from harness.cli.options import AsJson, DataPath, Runs, print_json


@report_errors
def report_command(runs: Runs, data: DataPath = None, as_json: AsJson = False) -> None:
    """Writes the report.html of run folders. It shows every problem, completion, code and verdict."""
    from harness.cli.resolve_config import overrides
    from harness.runs.run import reopen_run
    from harness.scoring.report import write_report
    from harness.scoring.score import score_run

    written: list[Path] = []
    for path in runs:
        with reopen_run(path, overrides({"data": data})) as run:
            write_report(run, score_run(run))
            written.append(run.folder.report_file)
        if not as_json:
            typer.echo(f"Report: {written[-1]}")
    if as_json:
        print_json([{"run": path, "report": report} for path, report in zip(runs, written, strict=True)])
