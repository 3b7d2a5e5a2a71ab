"""`wavebench datagen`: makes data sets, or runs one stage alone."""

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.options import AsJson, Runs, print_json

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Makes instruction data from raw code. Stages: sources, rules, core set, teacher, execution, problems, card.",
)

ConfigFile = Annotated[Path, typer.Argument(help="TOML file; `wavebench settings datagen` lists its settings.")]
OutFolder = Annotated[Path, typer.Option("--out", help="Folder for the data set and its finished stages.")]
Cluster = Annotated[
    str,
    typer.Option(
        "--cluster",
        metavar="ADDRESS",
        help="Cut functions, encode and run programs on a Ray cluster: its address, or local.",
    ),
]


@app.command("run")
def run_command(config: ConfigFile, out: OutFolder, cluster: Cluster = "", as_json: AsJson = False) -> None:
    """Makes the data set and its variants. The same command again continues where it stopped."""
    from datagen.config import load_config
    from datagen.make import count_rows, make
    from datagen.rows.content_store import only_one
    from datagen.workplace.cluster import open_workplace
    from harness.files.progress import show_progress

    settings = load_config(config)
    with only_one(out), open_workplace(cluster) as workplace, show_progress() as progress:
        folders = make(settings, out, progress, workplace)
    counts = {name: count_rows(folder) for name, folder in folders.items()}
    if as_json:
        print_json([{"name": name, "rows": counts[name], "folder": folder} for name, folder in folders.items()])
        return
    for name, folder in folders.items():
        typer.echo(f"{name}: {counts[name]:,} rows; {folder}/README.md says why all other rows were dropped")


@app.command("stage")
def stage_command(
    stage: Annotated[
        str, typer.Argument(help="collect, rules, duplicates, embed, select, teach, prove, leakage or problems.")
    ],
    config: ConfigFile,
    out: OutFolder,
    cluster: Cluster = "",
    as_json: AsJson = False,
) -> None:
    """Runs one stage, and the unfinished ones before it; prints the folder with its results."""
    from datagen.config import load_config
    from datagen.pipeline.stages import Pipeline, StageName
    from datagen.rows.content_store import only_one
    from datagen.workplace.cluster import open_workplace
    from harness.files.progress import show_progress
    from harness.runs.settings import ConfigError

    if stage not in [each.value for each in StageName]:
        raise ConfigError(f"Unknown stage {stage!r}: use one of {', '.join(StageName)}.")
    settings = load_config(config)
    with only_one(out), open_workplace(cluster) as workplace, show_progress() as progress:
        folder = Pipeline(settings, out, progress, workplace).folder(StageName(stage))
    print_json({"stage": stage, "folder": folder}) if as_json else typer.echo(str(folder))


@app.command("leakage")
def leakage_command(
    rows: Annotated[Path, typer.Argument(help="Alpaca-style rows: json, jsonl or parquet, gzipped or not.")],
    out: OutFolder,
    data: Annotated[str, typer.Option("--data", help="Folder with the benchmarks' files.")] = "",
    encoder: Annotated[
        str, typer.Option("--encoder", help="Encoder of the leak score: minilm, hashed, or a sentence-transformers id.")
    ] = "minilm",
    cluster: Cluster = "",
    as_json: AsJson = False,
) -> None:
    """Compares any instruction data with the benchmarks; writes report.md and report.json."""
    import msgspec

    from datagen.output.foreign import report_foreign
    from datagen.workplace.cluster import open_workplace
    from harness.files.progress import show_progress

    with open_workplace(cluster) as workplace, show_progress() as progress:
        report = report_foreign(rows, out, data, encoder, progress, workplace)
    print_json(msgspec.Raw((out / "report.json").read_bytes())) if as_json else typer.echo(str(report))


@app.command("from-runs")
def from_runs_command(
    runs: Runs,
    out: Annotated[Path, typer.Option("--out", help="Folder for the rows.")],
    data: Annotated[str, typer.Option("--data", help="File of own problems, where it has moved since the runs.")] = "",
    per_problem: Annotated[
        int, typer.Option("--per-problem", min=1, help="Most right answers, and most wrong ones, of one problem.")
    ] = 4,
    unconfirmed: Annotated[
        bool, typer.Option("--unconfirmed", help="Take passes that nothing could confirm for right ones.")
    ] = False,
    allow_benchmark: Annotated[
        bool, typer.Option("--allow-benchmark", help="Make rows of a benchmark's own problems, too.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Makes training rows of run folders: confirmed answers, preference pairs, labelled answers, pass rates."""
    from datagen.from_runs.make import rows_from_runs

    made = rows_from_runs(
        runs, out, data=data, per_problem=per_problem, unconfirmed=unconfirmed, allow_benchmark=allow_benchmark
    )
    if as_json:
        print_json(made)
        return
    typer.echo(
        f"{made.samples:,} samples of {made.problems:,} problems: {made.answers:,} answers, {made.pairs:,} pairs, "
        f"{made.labelled:,} labelled answers in {made.folder}"
    )
    for reason, count in {**made.dropped, **{f"leakage: {name}": count for name, count in made.leaks.items()}}.items():
        typer.echo(f"  {count:,} left out: {reason}")
    for name, reason in made.not_checked.items():
        typer.echo(f"  not compared with {name}: {reason}")
