"""`wavebench plan`: how many samples a difference takes, and their cost."""

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.errors import report_errors
from harness.cli.options import (
    AsJson,
    BaseUrl,
    ConfigFile,
    DataPath,
    Limit,
    MaxTokens,
    ModelName,
    Samples,
    Settings,
    StyleName,
    TaskNames,
    Temperature,
    print_json,
)


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
    """Computes the samples that detect a difference, and the cost."""
    from harness.cli.resolve_config import plan_runs
    from harness.planning.plan import plan
    from harness.planning.plan_text import plan_text

    # A plan needs no model; without one its costs are left out.
    named = {"model": model or (None if config else "any"), "temperature": temperature, "limit": limit, "style": style}
    named |= {"max_tokens": max_tokens, "data": data, "base_url": base_url}
    configs = list(plan_runs(task or [], config, named, settings or [], None).values())
    guessed = {"discordant": discordant, "noise": noise}
    made = plan(configs, detect, power=power, pilots=pilot or [], samples=samples, **guessed)
    if as_json:
        print_json({"tasks": [each.task for each in configs], "plan": made, "best": made.best})
    else:
        typer.echo(plan_text(made, configs))
