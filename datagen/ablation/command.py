"""The command `wavebench ablate`: its arguments and its output."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from harness.cli.errors import report_errors
from harness.cli.options import AsJson, print_json


@report_errors
def ablate(
    config: Annotated[Path, typer.Argument(help="TOML file; `wavebench settings ablate` lists its settings.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for data sets, models, runs and the result table.")],
    only: Annotated[str | None, typer.Option("--only", help="Run one part only: data, train, eval or table.")] = None,
    step: Annotated[str | None, typer.Option("--step", hidden=True)] = None,
    as_json: AsJson = False,
) -> None:
    """Makes data variants, trains on each, compares the models. The same command again continues."""
    from datagen.ablation.ablate import Part, run_one
    from datagen.ablation.ablate import ablate as run
    from datagen.ablation.table import cost_table, remarks, results_table
    from datagen.rows.content_store import only_one
    from harness.files.progress import show_progress
    from harness.runs.settings import ConfigError

    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that wait by spinning burn most of a busy processor
    if step:
        run_one(config, out, step, _notify)
        return
    if only is not None and only not in list(Part):
        raise ConfigError(f"Unknown part {only!r}: use one of {', '.join(Part)}.")
    with only_one(out), show_progress() as progress:
        results = run(config, out, Part(only) if only else None, progress, _notify)
    if as_json:
        print_json(results)
        return
    if results is None:
        return
    typer.echo(results_table(results))
    typer.echo("\n" + "\n".join(remarks(results)) + "\n")
    typer.echo(cost_table(results))
    typer.echo(f"\nPage: {out}/index.html")


def _notify(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)  # noqa: T201
