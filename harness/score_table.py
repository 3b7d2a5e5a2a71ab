"""The table that ends a command: one line per run."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.score import NAMED_PROBLEMS, Score
from sandbox.errors import WavebenchError
from tasks.verdict import Verdict


class IncompleteError(WavebenchError):
    """The score stands, but on fewer samples than were asked for."""


def score_table(scores: Mapping[Path, Score]) -> str:
    """Task, pass@k in per cent with its 95 % interval, and the counts behind it."""
    from tabulate import tabulate

    ks = sorted({k for score in scores.values() for k in score.pass_rates})
    verdicts = [verdict for verdict in Verdict if any(score.verdicts.get(verdict) for score in scores.values())]
    header = ["task", *(f"pass@{k} %" for k in ks), "problems", "samples", *(str(verdict) for verdict in verdicts)]
    rows = [_row(score, ks, verdicts) for score in scores.values()]
    return tabulate(
        rows, header, tablefmt="simple", disable_numparse=True, colalign=("left", *("right",) * (len(header) - 1))
    )


def remarks(path: Path, score: Score) -> list[str]:
    """What a reader of the number must know."""
    if not score.unscored_problems:
        return []
    named = ", ".join(score.unscored_problems[:NAMED_PROBLEMS])
    more = len(score.unscored_problems) - NAMED_PROBLEMS
    return [
        f"{path}: {len(score.unscored_problems)} problems have no judged sample and count nowhere: "
        f"{named}{f' and {more} more' if more > 0 else ''}."
    ]


def refuse_incomplete(scores: Mapping[Path, Score]) -> None:
    """Raises IncompleteError where samples could not be judged or are not there."""
    for path, score in scores.items():
        if score.not_judged:
            raise IncompleteError(
                f"{score.not_judged} samples in {str(path)!r} could not be judged and count nowhere "
                f"(verdicts.jsonl says why): run `wavebench judge {path}` again, `wavebench doctor` helps."
            )
        if score.missing:
            raise IncompleteError(
                f"{score.missing} samples are still missing in {str(path)!r}: run the same `wavebench eval` again."
            )


def _row(score: Score, ks: Sequence[int], verdicts: Sequence[Verdict]) -> list[str]:
    rates = [_percent(score, k) for k in ks]
    counts = [str(score.verdicts.get(verdict, 0)) for verdict in verdicts]
    return [score.task, *rates, str(score.n_problems), str(score.n_samples), *counts]


def _percent(score: Score, k: int) -> str:
    rate = score.pass_rates.get(k)
    return f"{100 * rate.value:.1f} ({100 * rate.low:.1f}-{100 * rate.high:.1f})" if rate else ""
