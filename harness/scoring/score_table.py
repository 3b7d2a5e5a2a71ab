"""The table that ends a command: one line per run."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.completion import Loss
from harness.runs.config import Judging
from harness.scoring.answer_counts import answer_remarks
from harness.scoring.score import NAMED_PROBLEMS, Score
from harness.statistics.percent import percent
from sandbox.errors import WavebenchError
from tasks.verdict import Verdict

USUAL_EXTRACTION = ("robust", "none")
"""Policies of extraction that go without saying: the default, and texts that run as they are."""


class IncompleteError(WavebenchError):
    """The score stands, but on fewer samples than were asked for."""


def score_table(scores: Mapping[Path, Score]) -> str:
    """Task, pass@k and confirmed pass@k in per cent with their 95 % intervals, and the counts behind them.

    Where a task has unsound problems, sound pass@k stands beside; where code was found by unusual rules, their name.
    """
    from tabulate import tabulate

    ks = sorted({k for score in scores.values() for k in score.pass_rates})
    verdicts = [verdict for verdict in Verdict if any(score.verdicts.get(verdict) for score in scores.values())]
    bases = ["base\npass"] if any(score.base_pass_rates for score in scores.values()) else []
    kinds = [
        "pass",
        *bases,
        "confirmed\npass",
        *(["sound\npass"] if any(score.unsound for score in scores.values()) else []),
    ]
    headings = [f"{kind}@{k} %" for k in ks for kind in kinds]
    policies = ["extraction"] if any(score.extraction not in USUAL_EXTRACTION for score in scores.values()) else []
    losses = [loss for loss in Loss if any(score.answers and score.answers.count(loss) for score in scores.values())]
    named = [*map(str, verdicts), *(f"answers\n{loss}" for loss in losses)]
    header = ["task", *policies, *headings, "problems", "samples", *named]
    rows: list[list[str]] = []
    for score in scores.values():
        cells: list[str] = []
        for k in ks:
            confirmed = percent(score.confirmed_pass_rates.get(k)) if score.confirmations else score.confirming.value
            base = [percent(score.base_pass_rates.get(k))] if bases else []
            rates = [percent(score.pass_rates.get(k)), *base, confirmed, percent(score.sound_pass_rates.get(k))]
            cells += rates[: len(kinds)]
        counts = [str(score.verdicts.get(verdict, 0)) for verdict in verdicts]
        counts += [str(score.answers.count(loss)) if score.answers else "" for loss in losses]
        name = [score.task, score.extraction] if policies else [score.task]
        rows.append([*name, *cells, str(score.n_problems), str(score.n_samples), *counts])
    return tabulate(
        rows, header, tablefmt="simple", disable_numparse=True, colalign=("left", *("right",) * (len(header) - 1))
    )


def remarks(path: Path, score: Score) -> list[str]:
    """What a reader of the number must know."""
    found: list[str] = []
    if (counts := score.confirmations) and counts.forged:
        found.append(
            f"{path}: {counts.forged} FORGED: samples pass only when they share a process with the tests; pass@k "
            f"counts them, confirmed pass@k does not: {_some(counts.forged_samples, counts.forged)}."
        )
    if counts and counts.unconfirmed:
        reasons = [f"{task_id} ({reason})" for task_id, reason in counts.unconfirmed_reasons.items()]
        found.append(f"{path}: {counts.unconfirmed} passes could not be confirmed, in {_some(reasons)}.")
    if score.judging is Judging.SPLIT:
        found.append(
            f"{path}: judged by the tests apart from the candidate alone, not by the benchmark's own protocol."
        )
    if score.unsound:
        reasons = " ".join(f"{task_id}: {' '.join(why.split())}" for task_id, why in score.unsound.items())
        found.append(f"{path}: sound pass@k leaves out what cannot be relied on. {reasons}")
    if score.answers:
        found += [f"{path}: {sentence}" for sentence in answer_remarks(score.answers, score.max_tokens)]
    if score.unscored_problems:
        count, named = len(score.unscored_problems), _some(score.unscored_problems)
        found.append(f"{path}: {count} problems have no judged sample and are excluded: {named}.")
    return found


def refuse_incomplete(scores: Mapping[Path, Score]) -> None:
    """Raises IncompleteError where samples could not be judged or are not there."""
    for path, score in scores.items():
        if score.not_judged:
            raise IncompleteError(
                f"{score.not_judged} samples in {str(path)!r} could not be judged and are excluded "
                f"(verdicts.jsonl says why): run `wavebench judge {path}` again, `wavebench doctor` helps."
            )
        if score.missing:
            raise IncompleteError(
                f"{score.missing} samples are still missing in {str(path)!r}: run the same `wavebench eval` again."
            )


def _some(names: Sequence[str], total: int = 0) -> str:
    """The first names, and how many more there are."""
    more = max(total, len(names)) - NAMED_PROBLEMS
    return f"{', '.join(names[:NAMED_PROBLEMS])}{f' and {more} more' if more > 0 else ''}"
