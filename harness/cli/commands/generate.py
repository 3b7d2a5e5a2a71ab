"""`wavebench generate`: asks a model and judges nothing."""

import typer

from harness.cli.errors import report_errors
from harness.cli.options import (
    AdapterName,
    AsJson,
    BaseUrl,
    ConfigFile,
    DataPath,
    Limit,
    MaxTokens,
    ModelName,
    OutFolder,
    Samples,
    Seed,
    Settings,
    StyleName,
    TaskNames,
    Temperature,
    print_json,
)


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
    """Asks a model and judges nothing. `wavebench judge RUN` does the rest, on this machine or another."""
    from harness.cli.resolve_config import plan_runs
    from harness.files.progress import inform
    from harness.generation.generate import generate
    from harness.generation.processes.rounds import help_main_process
    from harness.runs.run import open_run

    named = {"model": model, "samples": samples, "temperature": temperature, "limit": limit, "style": style}
    named |= {"max_tokens": max_tokens, "seed": seed, "base_url": base_url, "adapter": adapter}
    plans = plan_runs(task or [], config, {**named, "data": data}, settings or [], out)
    # A helper of a launcher has no folder to write and nothing to print.
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
