"""A plan for the terminal: the assumptions, one line per number of samples, and what to do."""

from collections.abc import Sequence

from harness.planning.plan import Plan, PlanRow
from harness.runs.config import RunConfig

HEADER = (
    "samples",
    "problems needed",
    "problems there are",
    "these show",
    "prompt tokens",
    "answer tokens",
)


def plan_text(plan: Plan, configs: Sequence[RunConfig]) -> str:
    """The table of one model's run, between what it rests on and what follows from it."""
    from tabulate import tabulate

    priced = any(row.dollars is not None for row in plan.rows)
    rows = [_cells(plan, row, priced) for row in plan.rows]
    table = tabulate(rows, [*HEADER, *(("US dollars",) if priced else ())], tablefmt="simple", disable_numparse=True)
    return "\n\n".join([_assumptions(plan, configs), table, _advice(plan, configs[0], priced)])


def _cells(plan: Plan, row: PlanRow, priced: bool) -> list[str]:
    at_most = "" if plan.tokens.counted else "<= "
    about = "" if plan.tokens.counted else "~ "
    cells = [str(row.samples), f"{row.problems_needed:,}", f"{plan.problems:,}", _points(row.detectable)]
    cells += [f"{about}{row.prompt_tokens:,}", f"{at_most}{row.completion_tokens:,}"]
    return [*cells, "" if row.dollars is None else f"{at_most}{row.dollars:,.2f}"] if priced else cells


def _assumptions(plan: Plan, configs: Sequence[RunConfig]) -> str:
    names = ", ".join(config.task for config in configs)
    spread = plan.spread
    whence = (
        "as the two pilot runs say" if plan.measured else "assumed; --discordant, --noise or two --pilot say better"
    )
    lines = [
        f"A difference of {_points(plan.difference)} on {names}, found with a chance of {plan.power:.0%}, both models "
        "on the same problems, two-sided test at 5 %.",
        f"Of one sample each, {spread.discordant_share:.1%} of the problems differ, {spread.within:.1%} by chance of "
        f"sampling ({whence}).",
        "N = (z(0.975) + z(power))^2 * (between + within / samples) / difference^2 "
        "(Miller 2024, arXiv:2411.00640, eq. 9).",
    ]
    return "\n".join(lines)


def _advice(plan: Plan, config: RunConfig, priced: bool) -> str:
    best = plan.best
    if best:
        cost = (
            ""
            if best.dollars is None
            else f" and {'' if plan.tokens.counted else 'at most '}{best.dollars:,.2f} dollars"
        )
        said = f"Take --samples {best.samples}: {best.problems_needed:,} of {plan.problems:,} problems would do{cost}."
    else:
        last = plan.rows[-1]
        said = (
            f"No row is enough: {plan.problems:,} problems, {last.samples} samples each, show "
            f"{_points(last.detectable)}. Add tasks, or look for a larger difference."
        )
    if not plan.spread.within:
        said += " At temperature 0 further samples are the same and tell nothing."
    if config.model.startswith("api:") and not priced:
        said += f" The price of {config.model!r} is not known: name it in a table (--set prices=FILE)."
    return said + " The tokens are those of one model; the other one costs its own."


def _points(share: float) -> str:
    return f"{100 * share:.1f} points"
