"""`wavebench datagen`: makes data sets, or runs one stage alone."""

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.options import AsJson, print_json

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Makes instruction data from raw code: sources, rules, core set, teacher, execution, leakage, card.",
)

ConfigFile = Annotated[Path, typer.Argument(help="TOML file; `wavebench settings datagen` lists its settings.")]
OutFolder = Annotated[Path, typer.Option("--out", help="Folder for the data set and its finished stages.")]


@app.command("run")
def run_command(config: ConfigFile, out: OutFolder, as_json: AsJson = False) -> None:
    """Makes the data set and its variants. The same command again continues where it stopped."""
    from datagen.config import load_config
    from datagen.make import count_rows, make
    from datagen.rows.content_store import only_one
    from harness.files.progress import show_progress

    settings = load_config(config)
    with only_one(out), show_progress() as progress:
        folders = make(settings, out, progress)
    counts = {name: count_rows(folder) for name, folder in folders.items()}
    if as_json:
        print_json([{"name": name, "rows": counts[name], "folder": folder} for name, folder in folders.items()])
        return
    for name, folder in folders.items():
        typer.echo(f"{name}: {counts[name]:,} rows; {folder}/README.md says why all other rows were dropped")


@app.command("stage")
def stage_command(
    stage: Annotated[str, typer.Argument(help="collect, rules, duplicates, embed, select, teach, prove or leakage.")],
    config: ConfigFile,
    out: OutFolder,
    as_json: AsJson = False,
) -> None:
    """Runs one stage, and the unfinished ones before it; prints the folder with its results."""
    from datagen.config import load_config
    from datagen.pipeline.stages import Pipeline, StageName
    from datagen.rows.content_store import only_one
    from harness.files.progress import show_progress
    from harness.runs.settings import ConfigError

    if stage not in [each.value for each in StageName]:
        raise ConfigError(f"Unknown stage {stage!r}: use one of {', '.join(StageName)}.")
    settings = load_config(config)
    with only_one(out), show_progress() as progress:
        folder = Pipeline(settings, out, progress).folder(StageName(stage))
    print_json({"stage": stage, "folder": folder}) if as_json else typer.echo(str(folder))


@app.command("leakage")
def leakage_command(
    rows: Annotated[Path, typer.Argument(help="Alpaca-style rows: json, jsonl or parquet, gzipped or not.")],
    out: OutFolder,
    data: Annotated[str, typer.Option("--data", help="Folder with the benchmarks' files.")] = "",
    encoder: Annotated[
        str, typer.Option("--encoder", help="Encoder of the leak score: minilm, hashed, or a sentence-transformers id.")
    ] = "minilm",
    as_json: AsJson = False,
) -> None:
    """Compares any instruction data with the benchmarks; writes report.md and report.json."""
    import msgspec

    from datagen.output.foreign import report_foreign
    from harness.files.progress import show_progress

    with show_progress() as progress:
        report = report_foreign(rows, out, data, encoder, progress)
    print_json(msgspec.Raw((out / "report.json").read_bytes())) if as_json else typer.echo(str(report))
