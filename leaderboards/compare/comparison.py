"""Two runs of one task, problem by problem: who is better, how sure that is, and where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from harness.statistics.clusters import cluster_of
from harness.statistics.intervals import Interval, score_interval
from harness.statistics.multiplicity import holm
from harness.statistics.noise import PairedNoise, paired_noise
from harness.statistics.paired import PairedDifference, Tally, paired_difference
from harness.statistics.pass_at_k import pass_at_k, pass_hat_k
from leaderboards.runs.names import count_of
from leaderboards.runs.problems import Traits, by_number, groups
from leaderboards.runs.record import RunRecord
from leaderboards.runs.settings import IncomparableError, SettingsMismatch, settings_of, unknown_settings
from tasks.verdict import Verdict

LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class VerdictFlip:
    """One problem that the two runs do not solve alike."""

    task_id: str
    first: float
    """Estimated pass@k of this problem."""
    second: float


@dataclass(frozen=True, slots=True)
class GroupDifference:
    """The difference within one language or one kind of bug."""

    trait: str
    value: str
    first: Interval
    second: Interval
    paired: PairedDifference
    adjusted_p: float
    """After Holm over the groups of one trait."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Second against first, over the problems that both have."""

    task: str
    first: RunRecord
    second: RunRecord
    k: int
    first_score: Interval
    """pass@k as in score.json, over the common problems; it counts forged passes as passes."""
    second_score: Interval
    first_confirmed: Interval | None
    """Confirmed pass@k over the common problems; None where passes were not confirmed."""
    second_confirmed: Interval | None
    paired: PairedDifference
    """Of passes that are not forged."""
    adjusted_p: float
    """After Holm over all comparisons asked for at once."""
    comparisons: int
    """How many those were."""
    won: tuple[VerdictFlip, ...]
    """Problems that the second solves more often; the largest change first."""
    lost: tuple[VerdictFlip, ...]
    groups: tuple[GroupDifference, ...]
    mismatches: tuple[SettingsMismatch, ...]
    """Settings that differ, and that were allowed to."""
    remarks: tuple[str, ...]
    noise: PairedNoise | None = None
    """The standard error of the difference in its parts; None for k above 1, or with a single cluster of problems."""
    first_reliable: float | None = None
    """pass^k without forged passes, the chance that all of k samples pass; None for k = 1, where it is pass@1."""
    second_reliable: float | None = None

    @property
    def forged(self) -> int:
        """Forged passes of both runs: pass@k holds them, the difference does not."""
        return self.first.forged + self.second.forged

    @property
    def differs(self) -> bool:
        return self.adjusted_p < LEVEL


def compare_runs(
    first: RunRecord,
    second: RunRecord,
    k: int = 1,
    *,
    traits: Mapping[str, Traits] | None = None,
    mismatches: Sequence[SettingsMismatch] = (),
) -> Comparison:
    """Compares over the common problems. Raises IncomparableError when there is none, or k is too large for one."""
    common = sorted((task_id for task_id in first.tallies if task_id in second.tallies), key=by_number)
    if not common:
        raise IncomparableError(
            f"{str(first.path)!r} and {str(second.path)!r} have no judged problem in common: "
            f"compare runs over the same problems."
        )
    for record in (first, second):
        fewest = min(common, key=lambda task_id: record.tallies[task_id].samples)
        if record.tallies[fewest].samples < k:
            raise IncomparableError(
                f"pass@{k} needs {k} judged samples of every problem, but {fewest!r} in {str(record.path)!r} has "
                f"{record.tallies[fewest].samples}: choose a smaller --k."
            )
    rates = [
        {task_id: pass_at_k(found[task_id].samples, found[task_id].passed, k) for task_id in common}
        for found in (first.unforged, second.unforged)
    ]
    changes = [VerdictFlip(task_id, rates[0][task_id], rates[1][task_id]) for task_id in common]
    changed = sorted(changes, key=lambda change: -abs(change.second - change.first))
    paired = _compare_pairs(first, second, common, k)
    return Comparison(
        task=second.task.name,
        first=first,
        second=second,
        k=k,
        first_score=_score(first.tallies, first, common, k),
        second_score=_score(second.tallies, second, common, k),
        first_confirmed=_score_confirmed(first, common, k),
        second_confirmed=_score_confirmed(second, common, k),
        paired=paired,
        adjusted_p=paired.p_value,
        comparisons=1,
        won=tuple(change for change in changed if change.second > change.first),
        lost=tuple(change for change in changed if change.second < change.first),
        groups=_compare_groups(first, second, common, k, traits or {}),
        mismatches=tuple(mismatches),
        remarks=_remarks(first, second, common, k),
        noise=paired_noise(
            _list_unforged(first, common), _list_unforged(second, common), clusters=_clusters(first, common)
        )
        if k == 1
        else None,
        first_reliable=_mean_pass_hat(first, common, k) if k > 1 else None,
        second_reliable=_mean_pass_hat(second, common, k) if k > 1 else None,
    )


def adjust_together(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """The same comparisons, their p-values adjusted for having been asked together (Holm)."""
    adjusted = holm([comparison.paired.p_value for comparison in comparisons])
    return [
        replace(comparison, adjusted_p=p_value, comparisons=len(comparisons))
        for comparison, p_value in zip(comparisons, adjusted, strict=True)
    ]


def _list_unforged(record: RunRecord, task_ids: Sequence[str]) -> list[Tally]:
    return [record.unforged[task_id] for task_id in task_ids]


def _compare_pairs(first: RunRecord, second: RunRecord, task_ids: Sequence[str], k: int) -> PairedDifference:
    return paired_difference(
        _list_unforged(first, task_ids), _list_unforged(second, task_ids), k, clusters=_clusters(first, task_ids)
    )


def _score(found: Mapping[str, Tally], record: RunRecord, task_ids: Sequence[str], k: int) -> Interval:
    tallies = [found[task_id] for task_id in task_ids]
    passed, samples = [tally.passed for tally in tallies], [tally.samples for tally in tallies]
    return score_interval(passed, samples, k, clusters=_clusters(record, task_ids))


def _score_confirmed(record: RunRecord, task_ids: Sequence[str], k: int) -> Interval | None:
    return None if record.confirmed is None else _score(record.confirmed, record, task_ids, k)


def _mean_pass_hat(record: RunRecord, task_ids: Sequence[str], k: int) -> float:
    tallies = _list_unforged(record, task_ids)
    return sum(pass_hat_k(tally.samples, tally.passed, k) for tally in tallies) / len(tallies)


def _clusters(record: RunRecord, task_ids: Sequence[str]) -> list[str]:
    return [cluster_of(record.task.name, task_id) for task_id in task_ids]


def _compare_groups(
    first: RunRecord, second: RunRecord, common: Sequence[str], k: int, traits: Mapping[str, Traits]
) -> tuple[GroupDifference, ...]:
    found: list[GroupDifference] = []
    for trait, values in groups(traits, common).items():
        paired = [_compare_pairs(first, second, task_ids, k) for task_ids in values.values()]
        adjusted = holm([difference.p_value for difference in paired])
        for (value, task_ids), difference, p_value in zip(values.items(), paired, adjusted, strict=True):
            scores = _score(first.unforged, first, task_ids, k), _score(second.unforged, second, task_ids, k)
            found.append(GroupDifference(trait, value, *scores, difference, p_value))
    return tuple(found)


def _remarks(first: RunRecord, second: RunRecord, common: Sequence[str], k: int) -> tuple[str, ...]:
    """What a reader must know to read the difference correctly."""
    remarks: list[str] = []
    unknown = unknown_settings(settings_of(first), settings_of(second))
    if unknown:
        remarks.append(
            f"Samples made elsewhere do not say their {', '.join(unknown)}; nobody checked that these agree."
        )
    for record in (first, second):
        folder = str(record.path)
        if record.forged:
            remarks.append(
                f"{count_of(record.forged, 'FORGED pass', 'FORGED passes')} in {folder!r}: such samples pass only when "
                f"they share a process with the tests. pass@k includes them; confirmed pass@k and all differences "
                f"count them as failures."
            )
        if missing := record.verdicts.get(Verdict.NOT_JUDGED, 0):
            are = "is" if missing == 1 else "are"
            remarks.append(f"{count_of(missing, 'sample')} in {folder!r} could not be judged and {are} excluded.")
        if alone := len(record.tallies) - len(common):
            are = "is" if alone == 1 else "are"
            problems = count_of(alone, "judged problem")
            remarks.append(f"{problems} of {folder!r} {are} not in the other run and {are} left out.")
    if first.tier != second.tier:
        remarks.append(f"The runs were judged under different isolation: {first.tier!r} and {second.tier!r}.")
    # Problems with unreliable references or tests move a difference that the models do not have.
    known = {task_id: why for task_id, why in second.unsound.items() if task_id in first.unsound}
    named, sound = [each for each in common if each in known], [each for each in common if each not in known]
    if named and sound:
        reasons = " ".join(f"{task_id}: {known[task_id]}" for task_id in named)
        value = 100 * _compare_pairs(first, second, sound, k).difference.value
        remarks.append(f"Without the unreliable problems the difference is {value:+.1f} points. {reasons}")
    return tuple(remarks)
