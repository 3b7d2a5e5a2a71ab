"""`wavebench doctor`: what works on this machine."""

from typing import Annotated

import typer

from harness.cli.errors import report_errors
from harness.cli.options import AsJson, DataPath, Limit, SandboxTier, Workers, print_json


@report_errors
def doctor_command(
    data: DataPath = None,
    full: Annotated[
        bool, typer.Option("--full", help="Run every canonical and every buggy solution of all six languages.")
    ] = False,
    limit: Limit = None,
    sandbox: SandboxTier = None,
    workers: Workers = None,
    as_json: AsJson = False,
) -> None:
    """Tests this machine, and says how to fix what is missing."""
    from harness.checks.doctor import examine, joined
    from harness.cli.findings import print_findings

    if full:
        from harness.checks.reference_check import ReferenceRow, check_references, reference_table, tier_named

        rows: list[ReferenceRow] = []
        try:
            rows.extend(check_references(data, tier_named(sandbox), workers, limit))
        finally:  # Ctrl-C must not lose the languages that are finished
            print_json(rows) if as_json else typer.echo(reference_table(rows))
        raise typer.Exit(0 if all(row.ok for row in rows) else 1)
    results = examine(data)
    print_findings(results if as_json else joined(results), as_json)
