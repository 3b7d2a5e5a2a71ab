"""`wavebench reward-audit`: what a reward function pays for right answers, wrong ones and forgeries."""

from collections import Counter
from typing import Annotated

import typer

from harness.cli.errors import report_errors
from harness.cli.options import AsJson, DataPath, print_json

_ERRORS_SHOWN = 3


@report_errors
def reward_audit(
    function: Annotated[
        str,
        typer.Argument(
            metavar="MODULE:FUNCTION",
            help="A reward function of TRL's or verl's form, such as my_rewards:score or my_rewards.py:score.",
        ),
    ] = "wavebench.rewards:code_reward",
    task: Annotated[str, typer.Option("--task", help="A Python task, see `wavebench tasks`.")] = "humaneval",
    data: DataPath = None,
    problems: Annotated[
        int, typer.Option("--problems", min=1, help="Problems that get the wrong answers and the forgeries.")
    ] = 10,
    busy: Annotated[int, typer.Option("--busy", min=0, help="Processes that compute during the second round.")] = 16,
    as_json: AsJson = False,
) -> None:
    """Tests a reward function on right, wrong and forged answers.

    Counts false positives, false negatives, flips and lost samples; exits with 1 if there is one.
    """
    from tabulate import tabulate

    from harness.files.progress import progress_bar
    from wavebench.opening import load_task
    from wavebench.rewards.audit.audit import BATCH, audit
    from wavebench.rewards.audit.corpus import known_answers
    from wavebench.rewards.audit.function import asked_as_a_trainer_does, load_function

    loaded = load_task(task, data=data or "")
    answers = known_answers(loaded, problems)
    raised: list[str] = []
    ask = asked_as_a_trainer_does(load_function(function), loaded, raised.append)
    batches = -(-len(answers) // BATCH)
    with progress_bar(f"Auditing {function}", 2 * batches) as advance:
        found = audit(ask, answers, busy, advance)
    for error, times in Counter(raised).most_common(_ERRORS_SHOWN):
        typer.echo(f"The function raised {times} times: {error}", err=True)
    if as_json:
        print_json(found)
    else:
        counts = {
            "false positives": (found.false_positives, f"of {found.wrong} wrong answers, {found.forgeries} forgeries"),
            "false negatives": (found.false_negatives, f"of {found.references} references"),
            "flips": (found.flips, f"of {found.answers} answers, beside {found.busy_processes} busy processes"),
            "lost": (found.lost, f"of {found.answers} answers"),
        }
        typer.echo(tabulate([(name, *words) for name, words in counts.items()], tablefmt="plain"))
        typer.echo(f"mean reward of references beside the busy processes: {found.mean_of_references:.3f}")
        for each in found.findings:
            what = " ".join(filter(None, (each.kind, each.name)))
            typer.echo(f"  {each.task_id}: {what}: {_said(each.quiet)}, busy {_said(each.busy)}")
    raise typer.Exit(0 if found.sound else 1)


def _said(value: float | None) -> str:
    return "nothing" if value is None else f"{value:g}"
