"""How the commands that score end: the table, remarks, and an error where samples are missing."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from harness.cli.options import print_json


def print_scores(scores: Mapping[Path, Any], as_json: bool) -> None:
    """Prints the table and where the reports lie; ends with an error where samples are missing."""
    from harness.runs.remarks import run_remarks
    from harness.scoring.score import to_json
    from harness.scoring.score_table import refuse_incomplete, remarks, score_table

    if as_json:
        import msgspec

        print_json([{"run": path, "score": msgspec.Raw(to_json(score).encode())} for path, score in scores.items()])
    else:
        typer.echo(score_table(scores))
    for path, score in scores.items():
        for remark in (*remarks(path, score), *run_remarks(path)):
            typer.echo(remark, err=True)
        report = path / "report.html"
        place = f"Report: {report}" if report.exists() else f"Score: {path / 'score.json'}"
        typer.echo(place, err=as_json)
    refuse_incomplete(scores)
