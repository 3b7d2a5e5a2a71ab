"""`wavebench rows`: where the answers of two runs of one model differ, and why."""

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.errors import report_errors
from harness.cli.options import AsJson, DataPath, print_json


@report_errors
def rows_command(
    one: Annotated[Path, typer.Argument(help="A run folder.")],
    other: Annotated[Path, typer.Argument(help="A run of the same task, such as through another back end.")],
    model: Annotated[
        str | None,
        typer.Option("--model", help="The weights of both runs, hf:ID_OR_DIR: tells near ties from real differences."),
    ] = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Compares the answers of two runs row by row. Ends with an error if a difference is unexplained."""
    from collections import Counter

    from harness.checks.run_diff import AnswerPair, Reason, compare_rows, rows_text
    from harness.cli.resolve_config import overrides
    from harness.runs.run import reopen_run

    margin = None
    if model:
        from harness.models.hf.logit_gap import open_logit_gap

        weights = open_logit_gap(model.removeprefix("hf:"))

        def margin_of(pair: AnswerPair) -> float:
            return weights(pair.prompt, pair.one, pair.other)

        margin = margin_of
    changes = overrides({"data": data})
    with reopen_run(one, changes) as first, reopen_run(other, changes) as second:
        found = list(compare_rows(first, second, margin))
        if as_json:
            different = [row for row in found if row.reason is not Reason.SAME]
            print_json({"rows": len(found), "reasons": Counter(row.reason for row in found), "different": different})
        else:
            typer.echo(rows_text(found, first, second))
    raise typer.Exit(1 if any(row.reason is Reason.UNEXPLAINED for row in found) else 0)
