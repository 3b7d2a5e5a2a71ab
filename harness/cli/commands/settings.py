"""`wavebench settings`: every setting of a configuration."""

from typing import Annotated

import typer

from harness.cli.errors import report_errors
from harness.cli.options import AsJson, print_json


@report_errors
def settings_command(
    kind: Annotated[
        str, typer.Argument(help="Kind of configuration: run, datagen, finetune or ablate.", show_default=True)
    ] = "run",
    as_json: AsJson = False,
) -> None:
    """Lists every setting: name, type, default and meaning. `--set` takes those of run."""
    from harness.cli.settings_list import settings_of, settings_text

    settings = settings_of(kind)
    print_json(settings) if as_json else typer.echo(settings_text(settings))
