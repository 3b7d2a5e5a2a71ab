"""One line of a table: a score and all that makes it comparable."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.statistics.clusters import cluster_of
from harness.statistics.intervals import Interval, score_interval
from harness.statistics.paired import Tally
from leaderboards.problems import by_number
from leaderboards.record import RunRecord
from leaderboards.terms import Terms, terms_of
from tasks.verdict import Verdict

USUAL_K = (1, 10, 100)


@dataclass(frozen=True, slots=True)
class Row:
    """One model on one task under one set of terms; repeated runs are folded into one."""

    model: str
    terms: Terms
    runs: tuple[RunRecord, ...]
    tallies: Mapping[str, Tally]
    """By task id in counting order: samples of all runs together, each problem still one piece of evidence."""
    rates: Mapping[int, Interval]
    """pass@k, for each usual k that every problem has samples for."""
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
    def tiers(self) -> tuple[str, ...]:
        """Isolation tiers its samples were judged under."""
        return tuple(dict.fromkeys(run.tier for run in self.runs if run.tier))

    def rate(self, k: int) -> Interval:
        """pass@k for any k that every problem has samples for."""
        known = self.rates.get(k)
        return known if known else _rate(self.terms.task, self.tallies, k)


def fold(runs: Sequence[RunRecord]) -> Row:
    """One row of runs of one model under the same terms, such as several seeds: samples of a problem add up."""
    task_ids = sorted({task_id for run in runs for task_id in run.tallies}, key=by_number)
    tallies = {task_id: _sum(runs, task_id) for task_id in task_ids}
    fewest = min(tally.samples for tally in tallies.values())
    terms = terms_of(runs[0])
    return Row(
        model=runs[0].model,
        terms=terms,
        runs=tuple(runs),
        tallies=tallies,
        rates={k: _rate(terms.task, tallies, k) for k in USUAL_K if k <= fewest},
        verdicts=sum((Counter(run.verdicts) for run in runs), Counter[Verdict]()),
    )


def _sum(runs: Sequence[RunRecord], task_id: str) -> Tally:
    found = [run.tallies[task_id] for run in runs if task_id in run.tallies]
    return Tally(sum(tally.samples for tally in found), sum(tally.passed for tally in found))


def _rate(task: str, tallies: Mapping[str, Tally], k: int) -> Interval:
    passed, samples = [tally.passed for tally in tallies.values()], [tally.samples for tally in tallies.values()]
    return score_interval(passed, samples, k, clusters=[cluster_of(task, task_id) for task_id in tallies])
