"""The commands `wavebench leaderboard ...`: their arguments and their output."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.errors import FAILED, report_errors
from harness.cli.options import AsJson, print_json
from leaderboards.export.tables import TableFormat

if TYPE_CHECKING:
    from leaderboards.runs.leaderboard import Leaderboard

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Makes tables and a site from run folders.",
)

Runs = Annotated[list[Path], typer.Argument(help="Run folders, or folders that contain some.")]
Data = Annotated[Path | None, typer.Option("--data", help="Folder with the benchmark's files.")]
OutFolder = Annotated[Path, typer.Option("--out", help="Folder to write to.")]


@app.command("build")
@report_errors
def build_command(
    runs: Runs,
    out: OutFolder = Path("site"),
    title: Annotated[str, typer.Option("--title", help="Heading of the site.")] = "Code model leaderboard",
    published: Annotated[
        bool,
        typer.Option("--published/--no-published", help="Show published results of others, apart from measured rows."),
    ] = True,
    workers: Annotated[int | None, typer.Option("--workers", help="Processes at once. [default: one per core]")] = None,
    as_json: AsJson = False,
) -> None:
    """Writes a static site: the table, plots, a page per model and problem, and every sample. Opens from disk."""
    from leaderboards.site.build import build_site

    folders, board = _board(runs)
    pages = build_site(board, out, title=title, published=published, workers=workers)
    if as_json:
        counts = {"runs": len(folders), "models": len(board.entries), "pages": pages}
        print_json({**counts, "site": out / "index.html"})
    else:
        typer.echo(f"{len(folders)} runs, {len(board.entries)} models, {pages} pages: {out / 'index.html'}")


@app.command("table")
@report_errors
def table_command(
    runs: Runs,
    output: Annotated[TableFormat, typer.Option("--format", help="text, md, csv, latex or json.")] = TableFormat.TEXT,
    k: Annotated[int, typer.Option("--k", help="Show pass@k; csv and json hold every k.")] = 1,
    out: Annotated[Path | None, typer.Option("--out", help="File to write. [default: standard output]")] = None,
    as_json: AsJson = False,
) -> None:
    """Prints the table: scores with intervals, ranks as ranges."""
    from harness.files.atomic_write import write_whole
    from leaderboards.export.tables import table

    _, board = _board(runs)
    text = table(board, TableFormat.JSON if as_json else output, k)
    if out is None:
        typer.echo(text)
        return
    write_whole(out, text + "\n")
    typer.echo(f"Table: {out}")


@app.command("published")
@report_errors
def published_command(
    task: Annotated[str, typer.Argument(help="Task, such as humaneval or humanevalpack-fix-python.")],
    as_json: AsJson = False,
) -> None:
    """Lists published results of others for a task, with source and decoding."""
    from tabulate import tabulate

    from leaderboards.export.published import published_for

    if as_json:
        print_json(list(published_for(task)))
        return
    rows = [
        [each.value, each.model, each.params_b, each.decoding, each.variant, each.source]
        for each in published_for(task)
    ]
    typer.echo(tabulate(rows, ["pass@1 %", "model", "size (B)", "decoding", "variant", "source"], floatfmt=".1f"))


@app.command("hub")
@report_errors
def hub_command(
    runs: Runs,
    out: OutFolder = Path("eval_results"),
    source_url: Annotated[str, typer.Option("--source-url", help="Address where the results can be seen.")] = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Writes Hugging Face eval-results files, for `.eval_results/` in a model's repository.

    Refuses what `wavebench submit` refuses.
    """
    from leaderboards.export.hub import hub_files, list_left_out

    _, board = _board(runs)
    files = list(hub_files(board, source_url, data))
    for sentence in (*board.remarks, *list_left_out(board)):
        typer.echo(sentence, err=True)
    if not files:
        raise typer.Exit(FAILED)
    _write_files(out, files, as_json)


@app.command("eval-ever")
@report_errors
def every_eval_ever_command(
    runs: Runs,
    organization: Annotated[str, typer.Option("--organization", help="Who ran the evaluation.")],
    out: OutFolder = Path("every_eval_ever"),
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Writes records of the Every Eval Ever schema, one file per model.

    Refuses what `wavebench submit` refuses.
    """
    import msgspec

    from leaderboards.export.every_eval_ever import records
    from leaderboards.runs.names import slug

    _, board = _board(runs)
    texts = [
        msgspec.json.format(msgspec.json.encode(record), indent=2).decode()
        for record in records(board, organization, data)
    ]
    names = [f"{slug(entry.name)}.json" for entry in board.entries]
    _write_files(out, list(zip(names, texts, strict=True)), as_json)
    for sentence in board.remarks:
        typer.echo(sentence, err=True)


def _board(paths: Sequence[Path]) -> "tuple[list[Path], Leaderboard]":
    from leaderboards.runs.leaderboard import make_leaderboard
    from leaderboards.runs.record import find_runs, read_record

    folders = find_runs(paths)
    return folders, make_leaderboard([read_record(folder) for folder in folders])


def _write_files(folder: Path, files: Sequence[tuple[str, str]], as_json: bool) -> None:
    from harness.files.atomic_write import write_whole
    from leaderboards.runs.record import RecordError

    names = [name.casefold() for name, _ in files]
    if shared := [name for name in names if names.count(name) > 1]:
        raise RecordError(
            f"Several models or tasks would share the file {shared[0]!r}: export them into separate folders."
        )
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files:
        write_whole(folder / name, text)
        typer.echo(str(folder / name), err=as_json)
    if as_json:
        print_json({"files": [folder / name for name, _ in files]})
