"""`wavebench datagen`: makes data sets, or runs one stage alone."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Makes instruction data from raw code: sources, rules, core set, teacher, execution, leakage, card.",
)

ConfigFile = Annotated[Path, typer.Argument(help="TOML file that describes the data set.")]
OutFolder = Annotated[Path, typer.Option("--out", help="Output folder; it also keeps the finished stages.")]


@app.command("run")
def run_command(config: ConfigFile, out: OutFolder) -> None:
    """Makes the data set and its variants. Run the same command again to resume."""
    from datagen.config import load_config
    from datagen.make import count_rows, make
    from datagen.progress import show_progress
    from datagen.rows.content_store import only_one

    settings = load_config(config)
    with only_one(out), show_progress() as progress:
        folders = make(settings, out, progress)
    for name, folder in folders.items():
        typer.echo(f"{name}: {count_rows(folder):,} rows; {folder}/README.md lists why the others were dropped")


@app.command("stage")
def stage_command(
    stage: Annotated[str, typer.Argument(help="collect, rules, duplicates, embed, select, teach, prove or leakage.")],
    config: ConfigFile,
    out: OutFolder,
) -> None:
    """Runs one stage, and unfinished ones before it; prints the folder with its results."""
    from datagen.config import load_config
    from datagen.pipeline.stages import Pipeline, StageName
    from datagen.progress import show_progress
    from datagen.rows.content_store import only_one
    from harness.runs.config import ConfigError

    if stage not in [each.value for each in StageName]:
        raise ConfigError(f"Unknown stage {stage!r}: use one of {', '.join(StageName)}.")
    settings = load_config(config)
    with only_one(out), show_progress() as progress:
        folder = Pipeline(settings, out, progress).folder(StageName(stage))
    typer.echo(str(folder))


@app.command("leakage")
def leakage_command(
    rows: Annotated[Path, typer.Argument(help="Alpaca-style rows: json, jsonl or parquet, gzipped or not.")],
    out: OutFolder,
    data: Annotated[str, typer.Option("--data", help="Folder with the benchmarks' files.")] = "",
    encoder: Annotated[str, typer.Option("--encoder", help="Model for the leak score.")] = "minilm",
) -> None:
    """Compares any instruction data with the benchmarks; writes report.md and report.json."""
    from datagen.output.foreign import report_foreign
    from datagen.progress import show_progress

    with show_progress() as progress:
        report = report_foreign(rows, out, data, encoder, progress)
    typer.echo(str(report))
