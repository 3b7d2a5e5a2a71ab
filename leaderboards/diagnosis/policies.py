"""Judges the same answers under every extraction policy."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from harness.files.progress import progress_bar
from harness.judging.extraction_cache import cache_extraction
from harness.judging.judge import judge_samples, open_judging_sandbox, whole_samples
from harness.runs.run import Run
from harness.runs.verdict_log import VerdictRecord
from harness.statistics.pass_at_k import mean_pass_at_k
from sandbox.cache.sandbox import CachedSandbox
from tasks.policy import ExtractionPolicy, WithPolicies, under_policy
from tasks.verdict import Verdict

Key = tuple[str, int]
"""A sample: its task id and its number."""


@dataclass(frozen=True, slots=True)
class PolicyScore:
    """What the answers are worth under one policy, by the upstream protocol: without confirming passes."""

    policy: ExtractionPolicy
    pass_at_1: float
    """Mean over problems of the share of samples that pass, as a share of 1."""
    samples: int
    passed: int
    verdicts: Mapping[Verdict, int]


@dataclass(frozen=True, slots=True)
class DisputedAnswer:
    """A sample that passes under some policies only."""

    task_id: str
    sample: int
    verdicts: Mapping[ExtractionPolicy, Verdict]
    rules: Mapping[ExtractionPolicy, str]


def has_policies(run: Run) -> bool:
    """Whether code is searched for in the run's answers at all, and by rules that can be chosen."""
    return isinstance(run.task, WithPolicies) and run.config.extraction_used != "none"


def judge_by_policy(run: Run) -> dict[ExtractionPolicy, dict[Key, VerdictRecord]]:
    """A verdict for every whole sample under each policy, through the execution cache; writes nothing."""
    problems = {problem.task_id: problem for problem in run.problems}
    keys = sorted(key for key in run.folder.completions.samples() if key[0] in problems)
    found: dict[ExtractionPolicy, dict[Key, VerdictRecord]] = {}
    with (
        open_judging_sandbox(run.config.override({"cache": True})) as sandbox,
        progress_bar(f"Judging {run.label} under each policy", len(keys) * len(ExtractionPolicy)) as advance,
    ):
        for policy in ExtractionPolicy:
            task = under_policy(run.task, policy)
            samples = whole_samples(run, [(problems[task_id], number) for task_id, number in keys])
            # Confirming passes would run each of them twice, and says nothing about extraction.
            unconfirmed = (replace(sample, confirm=False) for sample in samples)
            extract = cache_extraction(task, sandbox.cache) if isinstance(sandbox, CachedSandbox) else None
            records: dict[Key, VerdictRecord] = {}
            for record in judge_samples(task, unconfirmed, sandbox, extract):
                records[record.task_id, record.sample] = record
                advance()
            found[policy] = records
    return found


def policy_score(policy: ExtractionPolicy, records: Mapping[Key, VerdictRecord]) -> PolicyScore:
    """Samples that could not be judged are in no denominator."""
    judged = [record for record in records.values() if record.verdict is not Verdict.NOT_JUDGED]
    samples = Counter(record.task_id for record in judged)
    passed = Counter(record.task_id for record in judged if record.verdict.passes_upstream)
    correct = [passed[task_id] for task_id in samples]
    mean = mean_pass_at_k(correct, list(samples.values()), 1) if samples else 0.0
    counts = Counter(record.verdict for record in records.values())
    verdicts = {verdict: counts[verdict] for verdict in Verdict if counts[verdict]}
    return PolicyScore(policy, mean, len(judged), passed.total(), verdicts)


def disputed_answers(
    found: Mapping[ExtractionPolicy, Mapping[Key, VerdictRecord]], order: Callable[[str], object]
) -> Sequence[DisputedAnswer]:
    """The samples on whose pass the policies do not agree; `order` sorts task ids."""
    keys = sorted(found[ExtractionPolicy.ROBUST], key=lambda key: (order(key[0]), key[1]))
    disputed: list[DisputedAnswer] = []
    for key in keys:
        records = {policy: found[policy][key] for policy in found if key in found[policy]}
        if len({record.verdict.passes_upstream for record in records.values()}) > 1:
            verdicts = {policy: record.verdict for policy, record in records.items()}
            rules = {policy: record.rule for policy, record in records.items()}
            disputed.append(DisputedAnswer(*key, verdicts, rules))
    return disputed
