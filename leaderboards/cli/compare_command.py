"""The command `wavebench compare`: its arguments and its output."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from harness.cli.errors import report_errors
from harness.cli.options import AsJson


class ComparisonFormat(StrEnum):
    """How a comparison is written."""

    TEXT = "text"
    """For the terminal."""
    MD = "md"
    """Markdown."""
    JSON = "json"
    """For programs; fractions of 1 instead of per cent."""


@report_errors
def compare(
    runs: Annotated[
        list[Path], typer.Argument(help="Two or more run folders; the others are compared with the first.")
    ],
    k: Annotated[int, typer.Option("--k", help="Compare pass@k.")] = 1,
    allow_different: Annotated[
        str,
        typer.Option(
            "--allow-different", "--despite", help="Settings that may differ, such as style,sampling; they are marked."
        ),
    ] = "",
    all_problems: Annotated[bool, typer.Option("--all", help="List every problem won or lost.")] = False,
    output: Annotated[ComparisonFormat, typer.Option("--format", help="text, md or json.")] = ComparisonFormat.TEXT,
    as_json: AsJson = False,
) -> None:
    """Compares runs over the same problems: paired difference with interval, test, power and changed problems.

    A folder of several runs is compared task by task; p-values of several comparisons are adjusted (Holm).
    """
    from leaderboards.compare.comparison import adjust_together, compare_runs
    from leaderboards.compare.pairing import pair_runs
    from leaderboards.compare.text import NAMED, comparison_text, overview, to_json
    from leaderboards.runs.problems import traits_of
    from leaderboards.runs.settings import refuse_mismatches

    allowed = [setting.strip() for setting in allow_different.split(",") if setting.strip()]
    pairs = [(first, second, refuse_mismatches(first, second, allowed)) for first, second in pair_runs(runs)]
    comparisons = adjust_together(
        [compare_runs(a, b, k, traits=traits_of(b), mismatches=differing) for a, b, differing in pairs]
    )
    if as_json or output is ComparisonFormat.JSON:
        typer.echo(to_json(comparisons))
        return
    markdown, named = output is ComparisonFormat.MD, 10**9 if all_problems else NAMED
    texts = [comparison_text(each, markdown=markdown, named=named) for each in comparisons]
    if len(comparisons) > 1:
        texts.insert(0, overview(comparisons, markdown=markdown))
    typer.echo("\n\n\n".join(texts))
