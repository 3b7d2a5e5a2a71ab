"""`wavebench explain`: how one answer of a run got its verdict."""

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.errors import report_errors
from harness.cli.options import AsJson, DataPath, print_json


@report_errors
def explain_command(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    task_id: Annotated[str, typer.Argument(help="The problem, such as HumanEval/3; its number is enough.")],
    sample: Annotated[int | None, typer.Argument(help="Number of the sample. [default: the first]")] = None,
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Shows one answer, its code, its program and its verdict. Says why that code was chosen. Runs no program."""
    from harness.cli.resolve_config import overrides
    from harness.judging.explanation import explain
    from harness.judging.explanation_text import explanation_text
    from harness.runs.run import reopen_run

    with reopen_run(run, overrides({"data": data})) as opened:
        found = explain(opened, task_id, sample)
    print_json(found) if as_json else typer.echo(explanation_text(found))
