"""`wavebench eval`: asks a model, judges its answers and scores them."""

from pathlib import Path

from harness.cli.errors import report_errors
from harness.cli.options import (
    AdapterName,
    AsJson,
    BaseUrl,
    ClusterAddress,
    ConfigFile,
    DataPath,
    ExtractionName,
    JudgingChoice,
    Limit,
    MaxTokens,
    ModelName,
    NoCache,
    OutFolder,
    Samples,
    SandboxTier,
    Seed,
    Settings,
    StyleName,
    TaskNames,
    Temperature,
    Workers,
)
from harness.cli.print_scores import print_scores


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
    extraction: ExtractionName = None,
    judging: JudgingChoice = None,
    sandbox: SandboxTier = None,
    workers: Workers = None,
    cluster: ClusterAddress = None,
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
    named |= {"extraction": extraction, "tier": sandbox, "workers": workers, "judging": judging}
    named |= {"cache": False if no_cache else None, "cluster": cluster}
    plans = plan_runs(task or [], config, {**named, "data": data}, settings or [], out)
    if help_main_process(plans):
        return
    scores: dict[Path, Score] = {}
    for path, run_config in plans.items():
        inform(f"{path}: evaluates {run_config.model} on {run_config.task}")
        scores[path] = evaluate(run_config, path)
    print_scores(scores, as_json)
