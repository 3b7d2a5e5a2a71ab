"""The command `wavebench ablate`: its arguments and its output."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from harness.cli.errors import in_one_sentence


@in_one_sentence
def ablate(
    config: Annotated[Path, typer.Argument(help="TOML file: variants, bases, recipes, seeds and evaluations.")],
    out: Annotated[Path, typer.Option("--out", help="Output folder.")],
    only: Annotated[str | None, typer.Option("--only", help="Run one part alone: data, train, eval or table.")] = None,
    step: Annotated[str | None, typer.Option("--step", hidden=True)] = None,
) -> None:
    """Makes data variants, trains on each, evaluates, and compares in pairs. Run again to resume."""
    from datagen.ablation.ablate import Part, run_one
    from datagen.ablation.ablate import ablate as run
    from datagen.ablation.table import cost_table, remarks, results_table
    from datagen.progress import show_progress
    from datagen.rows.content_store import only_one
    from harness.runs.config import ConfigError

    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that spin while waiting would burn a busy processor
    if step:
        run_one(config, out, step, _notify)
        return
    if only is not None and only not in list(Part):
        raise ConfigError(f"Unknown part {only!r}: use one of {', '.join(Part)}.")
    with only_one(out), show_progress() as progress:
        results = run(config, out, Part(only) if only else None, progress, _notify)
    if results is None:
        return
    typer.echo(results_table(results))
    typer.echo("\n" + "\n".join(remarks(results)) + "\n")
    typer.echo(cost_table(results))
    typer.echo(f"\nPage: {out}/index.html")


def _notify(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)  # noqa: T201
