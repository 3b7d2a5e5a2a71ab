"""`wavebench tasks`: every task, the headroom of their limits, and checks of own problems."""

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.errors import report_errors
from harness.cli.options import AsJson, DataPath, SandboxTier, Workers, print_json


@report_errors
def tasks_command(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]...", help="Tasks, or families of tasks. [default: one line a family]"),
    ] = None,
    data: DataPath = None,
    margins: Annotated[
        bool,
        typer.Option("--margins", help="Run the reference solutions and compare their times with the time limits."),
    ] = False,
    check: Annotated[
        Path | None, typer.Option("--check", metavar="FILE", help="Check a file of own problems and run its solutions.")
    ] = None,
    task: Annotated[
        str | None, typer.Option("--task", help="With --check: the task whose format FILE is in. [default: by columns]")
    ] = None,
    as_json: AsJson = False,
    sandbox: SandboxTier = None,
    workers: Workers = None,
) -> None:
    """Lists the tasks, or describes those named. Gives version, styles, licence and where the data is."""
    if check:
        from harness.checks.reference_check import tier_named
        from harness.checks.row_check import check_file, row_check_json, row_check_text

        found = check_file(check, task, tier_named(sandbox), workers)
        typer.echo(row_check_json(found) if as_json else row_check_text(found))
        raise typer.Exit(1 if found.faults else 0)
    if margins:
        from harness.checks.limit_headroom import headroom_table, measure_headroom

        measured = list(measure_headroom(data, workers))
        print_json(measured) if as_json else typer.echo(headroom_table(measured))
    else:
        from harness.cli.task_list import describe_tasks, family_table, task_table
        from tasks.registry import expand

        wanted = [member for name in names or () for member in expand(name)]
        if as_json:
            print_json(list(describe_tasks(data, wanted)))
        else:
            typer.echo(task_table(data, wanted) if wanted else family_table(data))
