"""One row of a table: a score with everything that makes it comparable."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.statistics.clusters import cluster_of
from harness.statistics.intervals import Interval, score_interval
from harness.statistics.paired import Tally
from harness.statistics.pass_at_k import pass_at_k
from leaderboards.runs.problems import by_number
from leaderboards.runs.record import RunRecord
from leaderboards.runs.settings import RunSettings, settings_of
from tasks.verdict import Verdict

USUAL_K = (1, 10, 100)


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model on one task with one set of settings; repeated runs are folded into one row."""

    model: str
    settings: RunSettings
    runs: tuple[RunRecord, ...]
    tallies: Mapping[str, Tally]
    """By task id in counting order: samples of all runs together, each problem still one piece of evidence."""
    unforged: Mapping[str, Tally]
    """The same without forged passes: ranks rest on these."""
    rates: Mapping[int, Interval]
    """pass@k, for each usual k that every problem has samples for, as in score.json: forged passes are in it."""
    confirmed: Mapping[int, Interval]
    """Confirmed pass@k; empty where not all runs were confirmed."""
    sound: Mapping[int, Interval]
    """pass@k without the `unsound` problems; empty where there is none."""
    unsound: Mapping[str, str]
    """Problems of this row whose reference or tests cannot be relied on, with the evidence."""
    verdicts: Mapping[Verdict, int]

    @property
    def n_samples(self) -> int:
        return sum(tally.samples for tally in self.tallies.values())

    @property
    def fewest_samples(self) -> int:
        return min(tally.samples for tally in self.tallies.values())

    @property
    def not_judged(self) -> int:
        return self.verdicts.get(Verdict.NOT_JUDGED, 0)

    @property
    def lost(self) -> Mapping[str, int]:
        """By kind, such as cut or empty: answers that are not what the model would have said, and did not pass."""
        counts: Counter[str] = Counter()
        for run in self.runs:
            counts.update(run.lost)
        return counts

    @property
    def forged(self) -> int:
        return self.verdicts.get(Verdict.FORGED, 0)

    @property
    def tiers(self) -> tuple[str, ...]:
        """Isolation tiers its samples were judged under."""
        return tuple(dict.fromkeys(run.tier for run in self.runs if run.tier))

    def rate(self, k: int) -> Interval:
        """pass@k for any k that every problem has samples for."""
        known = self.rates.get(k)
        return known if known else _rate(self.settings.task, self.tallies, k)

    def unforged_value(self, k: int) -> float:
        """pass@k where forged passes count as failures."""
        if not self.forged:
            return self.rates[k].value
        return sum(pass_at_k(tally.samples, tally.passed, k) for tally in self.unforged.values()) / len(self.unforged)


def fold(runs: Sequence[RunRecord]) -> ModelRow:
    """One row from runs of one model with the same settings, such as several seeds: a problem's samples are pooled."""
    task_ids = sorted({task_id for run in runs for task_id in run.tallies}, key=by_number)
    tallies = _sums([run.tallies for run in runs], task_ids)
    confirmed = [run.confirmed for run in runs if run.confirmed is not None]
    unsound = {task_id: why for run in runs for task_id, why in run.unsound.items()}
    settings = settings_of(runs[0])
    return ModelRow(
        model=runs[0].model,
        settings=settings,
        runs=tuple(runs),
        tallies=tallies,
        unforged=_sums([run.unforged for run in runs], task_ids),
        rates=_rates(settings.task, tallies),
        confirmed=_rates(settings.task, _sums(confirmed, task_ids)) if len(confirmed) == len(runs) else {},
        sound=_rates(settings.task, {each: tallies[each] for each in tallies if each not in unsound})
        if unsound
        else {},
        unsound=unsound,
        verdicts=sum((Counter(run.verdicts) for run in runs), Counter[Verdict]()),
    )


def _sums(runs: Sequence[Mapping[str, Tally]], task_ids: Sequence[str]) -> dict[str, Tally]:
    found = {task_id: [run[task_id] for run in runs if task_id in run] for task_id in task_ids}
    return {
        task_id: Tally(sum(tally.samples for tally in tallies), sum(tally.passed for tally in tallies))
        for task_id, tallies in found.items()
    }


def _rates(task: str, tallies: Mapping[str, Tally]) -> dict[int, Interval]:
    fewest = min((tally.samples for tally in tallies.values()), default=0)
    return {k: _rate(task, tallies, k) for k in USUAL_K if k <= fewest}


def _rate(task: str, tallies: Mapping[str, Tally], k: int) -> Interval:
    passed, samples = [tally.passed for tally in tallies.values()], [tally.samples for tally in tallies.values()]
    return score_interval(passed, samples, k, clusters=[cluster_of(task, task_id) for task_id in tallies])
