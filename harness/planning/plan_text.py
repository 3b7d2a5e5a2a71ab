"""A plan for the terminal: the assumptions, one line per number of samples, and what to do."""

from collections.abc import Sequence

from harness.planning.plan import Plan
from harness.runs.config import RunConfig

HEADER = (
    "samples",
    "problems needed",
    "problems available",
    "detectable",
    "prompt tokens",
    "answer tokens",
)


def plan_text(plan: Plan, configs: Sequence[RunConfig]) -> str:
    """The assumptions, the table of one model's run, and what to do."""
    from tabulate import tabulate

    priced = any(row.dollars is not None for row in plan.rows)
    # Marks of what is bounded or guessed; a pilot run has counted both.
    at_most, about = ("", "") if plan.tokens.counted else ("<= ", "~ ")
    rows: list[list[str]] = []
    for row in plan.rows:
        cells = [str(row.samples), f"{row.problems_needed:,}", f"{plan.problems:,}", _points(row.detectable)]
        cells += [f"{about}{row.prompt_tokens:,}", f"{at_most}{row.completion_tokens:,}"]
        rows.append([*cells, "" if row.dollars is None else f"{at_most}{row.dollars:,.2f}"] if priced else cells)
    table = tabulate(rows, [*HEADER, *(("US dollars",) if priced else ())], tablefmt="simple", disable_numparse=True)
    names, spread = ", ".join(config.task for config in configs), plan.spread
    source = (
        "measured in the two pilot runs"
        if plan.measured
        else "assumed; set it with --discordant and --noise, or measure it with two --pilot"
    )
    assumptions = (
        f"A difference of {_points(plan.difference)} on {names}, detected with a power of {plan.power:.0%}, both "
        "models on the same problems, two-sided test at 5 %.\n"
        f"With one sample per model, {spread.discordant_share:.1%} of the problems disagree, {spread.within:.1%} due "
        f"to random sampling ({source}).\n"
        "N = (z(0.975) + z(power))^2 * (between + within / samples) / difference^2 "
        "(Miller 2024, arXiv:2411.00640, eq. 9)."
    )
    return "\n\n".join([assumptions, table, _advice(plan, configs[0], priced)])


def _advice(plan: Plan, config: RunConfig, priced: bool) -> str:
    best = plan.best
    if best:
        cost = (
            ""
            if best.dollars is None
            else f" and {'' if plan.tokens.counted else 'at most '}{best.dollars:,.2f} dollars"
        )
        said = (
            f"Take --samples {best.samples}: {best.problems_needed:,} of {plan.problems:,} problems are needed{cost}."
        )
    else:
        last = plan.rows[-1]
        said = (
            f"No row is enough: {plan.problems:,} problems with {last.samples} samples each detect "
            f"{_points(last.detectable)}. Add tasks, or ask for a larger difference."
        )
    if not plan.spread.within:
        said += " At temperature 0 further samples are identical and add nothing."
    if config.provider_batch and priced:
        said += " The price is that of the batch API."
    if config.model.startswith("api:") and not priced:
        said += f" The price of {config.model!r} is not known: add it to a price table (--set prices=FILE)."
    return said + " The tokens are those of one model; the other model costs its own."


def _points(share: float) -> str:
    return f"{100 * share:.1f} points"
