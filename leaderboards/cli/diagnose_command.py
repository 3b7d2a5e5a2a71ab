"""The command `wavebench diagnose`: its arguments and its output."""

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.errors import report_errors
from harness.cli.options import AsJson, DataPath, Workers, print_json


@report_errors
def diagnose(
    run: Annotated[Path, typer.Argument(help="A run folder with answers.")],
    data: DataPath = None,
    workers: Workers = None,
    as_json: AsJson = False,
) -> None:
    """Says why a run's score may differ from the published one.

    Looks at extraction, lost answers, prompt, sampling and toolchain. Judges the same answers under each
    extraction policy, through the execution cache; the run folder stays as it is.
    """
    from harness.cli.resolve_config import overrides
    from harness.runs.run import reopen_run
    from leaderboards.diagnosis.diagnosis import diagnose as diagnose_run
    from leaderboards.diagnosis.text import diagnosis_json, diagnosis_text

    changes = overrides({"data": data, "workers": workers})
    with reopen_run(run, changes) as opened:
        found = diagnose_run(opened)
    print_json(diagnosis_json(found)) if as_json else typer.echo(diagnosis_text(found))
