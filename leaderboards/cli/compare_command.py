"""The command `wavebench compare`: its arguments and its output."""

import re
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.errors import FAILED, report_errors
from harness.cli.options import AsJson

if TYPE_CHECKING:
    from leaderboards.compare.comparison import Comparison


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
    k: Annotated[int, typer.Option("--k", min=1, help="Compare pass@k.")] = 1,
    allow_different: Annotated[
        str,
        typer.Option(
            "--allow-different", "--despite", help="Settings that may differ, such as style,sampling; they are marked."
        ),
    ] = "",
    all_problems: Annotated[bool, typer.Option("--all", help="List every problem won or lost.")] = False,
    fail_if_worse: Annotated[
        str | None,
        typer.Option(
            "--fail-if-worse",
            metavar="POINTS",
            help="Exit code 1 where a run is significantly worse than the first, and by at least so many points; "
            "such as 2pp, or 0 for any significant loss.",
        ),
    ] = None,
    output: Annotated[ComparisonFormat, typer.Option("--format", help="text, md or json.")] = ComparisonFormat.TEXT,
    as_json: AsJson = False,
) -> None:
    """Compares runs in pairs, over the same problems. Gives difference, interval, test, power and changed problems.

    A folder of several runs is compared task by task; p-values of several comparisons are adjusted (Holm).

    Exit code 0: compared; 1: `--fail-if-worse` found a loss, or the runs cannot be compared.
    """
    from leaderboards.compare.comparison import adjust_together, compare_runs
    from leaderboards.compare.pairing import pair_runs
    from leaderboards.compare.text import NAMED, comparison_text, overview, to_json
    from leaderboards.runs.problems import traits_of
    from leaderboards.runs.settings import refuse_mismatches

    least = None if fail_if_worse is None else _points(fail_if_worse)
    allowed = [setting.strip() for setting in allow_different.split(",") if setting.strip()]
    pairs = [(first, second, refuse_mismatches(first, second, allowed)) for first, second in pair_runs(runs)]
    comparisons = adjust_together(
        [compare_runs(a, b, k, traits=traits_of(b), mismatches=differing) for a, b, differing in pairs]
    )
    if as_json or output is ComparisonFormat.JSON:
        typer.echo(to_json(comparisons))
    else:
        markdown, named = output is ComparisonFormat.MD, 10**9 if all_problems else NAMED
        texts = [comparison_text(each, markdown=markdown, named=named) for each in comparisons]
        if len(comparisons) > 1:
            texts.insert(0, overview(comparisons, markdown=markdown))
        typer.echo("\n\n\n".join(texts))
    if least is not None:
        _fail_if_worse(comparisons, least)


def _points(words: str) -> float:
    """A share of 1 from "2pp", "2 points" or "2"."""
    from leaderboards.runs.settings import IncomparableError

    number = re.fullmatch(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*(?:pp|points?|%)?\s*", words)
    if not number or float(number[1]) > 100:
        raise IncomparableError(f"--fail-if-worse {words!r} is no number of points: write it as 2pp or 0.5.")
    return float(number[1]) / 100


def _fail_if_worse(comparisons: Sequence["Comparison"], least: float) -> None:
    """Ends with exit code 1 where a loss is both significant and large enough; chance alone must not fail a build."""
    worse = [each for each in comparisons if each.differs and each.paired.difference.value <= -least]
    for each in worse:
        lost = f"{-100 * each.paired.difference.value:.1f} points"
        typer.echo(f"FAILED: {each.second.model} is worse than {each.first.model} by {lost} on {each.task}.", err=True)
    if worse:
        raise typer.Exit(FAILED)
