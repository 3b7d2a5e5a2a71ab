"""From verdicts to pass@k with intervals. Holds no times, so that the same verdicts always give the same bytes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import fmean
from typing import Any

import msgspec

from harness.files.atomic_write import write_whole
from harness.runs.config import Judging
from harness.runs.run import Run
from harness.runs.verdict_log import VerdictSummary, read_summaries
from harness.scoring.answer_counts import AnswerCounts, count_answers
from harness.scoring.confirmations import Confirmations, Confirming, confirming, count_confirmations
from harness.statistics.clusters import cluster_of
from harness.statistics.intervals import Interval, score_interval
from sandbox.errors import WavebenchError
from tasks.verdict import Verdict

USUAL_K = (1, 10, 100)
NAMED_PROBLEMS = 5
"""How many problem ids a sentence names before it only counts; score.json holds them all."""


class ScoreError(WavebenchError):
    """The verdicts do not allow what was asked."""


@dataclass(frozen=True, slots=True)
class TestsHeld:
    """The partial score: how many of a problem's assertions hold, whatever the verdict."""

    samples: int
    """Judged samples whose tests told their assertions."""
    mean_share: float
    """From 0 to 1: the mean over problems of the mean over samples. A loop of assertions counts each time."""


@dataclass(frozen=True, slots=True)
class Score:
    """What a run was worth, and on how many samples that rests."""

    task: str
    task_version: str
    task_fingerprint: str
    style: str
    extraction: str
    """The policy by which code was found in the answers; "none" where texts made elsewhere ran as they are."""
    n_problems: int
    """Problems with at least one judged sample; pass@k is the mean over these."""
    n_samples: int
    """Judged samples."""
    samples_per_problem: tuple[int, int]
    """Fewest and most judged samples of one problem."""
    pass_rates: Mapping[int, Interval]
    """By k: the mean over problems of the unbiased estimate (Chen et al. 2021, eq. 1), with its 95 % interval.

    The upstream protocol's: it cannot tell a forged pass."""
    confirmed_pass_rates: Mapping[int, Interval]
    """The same of the passes that also held apart from the candidate; empty where `confirming` is not "tried"."""
    sound_pass_rates: Mapping[int, Interval]
    """`pass_rates` without the `unsound` problems; empty where there is none."""
    unsound: Mapping[str, str]
    """Scored problems whose reference or tests cannot be relied on, each with the evidence."""
    confirming: Confirming
    confirmations: Confirmations | None
    """None where `confirming` is not "tried"."""
    judging: Judging
    """What decides: "split" makes pass@k the same as confirmed pass@k."""
    verdicts: Mapping[Verdict, int]
    not_judged: int
    """Samples that could not be judged; in no denominator."""
    missing: int
    """Samples that were asked for and are not there yet."""
    unscored_problems: Sequence[str]
    """Problems without any judged sample; pass@k says nothing about them."""
    answers: AnswerCounts | None = None
    """How many answers were cut, empty, refused or beyond the context; None of samples made elsewhere."""
    base_pass_rates: Mapping[int, Interval] = field(default_factory=lambda: dict[int, Interval]())
    """`pass_rates` by the base tests alone, for a task that adds tests to those of another; empty for all others."""
    max_tokens: int = 0
    """The limit of new tokens that the answers were asked under."""
    tests_held: TestsHeld | None = None
    """None where no tests told their assertions."""


@dataclass(frozen=True, slots=True)
class _VerdictCounts:
    """Judged and passed samples of one problem."""

    task_id: str
    judged: int
    passed: int
    """By the upstream protocol."""
    confirmed: int
    base: int
    """Passed the base tests of a task that adds tests to those of another."""


def score_run(run: Run) -> Score:
    """Scores the verdicts so far and writes score.json. Raises ScoreError when there is none, or too few for a k."""
    score = compute_score(run, read_summaries(run.folder.verdicts.path))
    write_whole(run.folder.score_file, to_json(score))
    return score


def compute_score(run: Run, marks: Mapping[tuple[str, int], VerdictSummary]) -> Score:
    """The score of the run's problems under `marks`."""
    wanted = {problem.task_id for problem in run.problems}
    counted = [mark for mark in marks.values() if mark.task_id in wanted]
    judged = [mark for mark in counted if mark.verdict is not Verdict.NOT_JUDGED]
    totals = Counter(mark.task_id for mark in judged)
    passes = Counter(mark.task_id for mark in judged if mark.verdict.passes_upstream)
    confirmed = Counter(mark.task_id for mark in judged if mark.confirmed)
    base = Counter(mark.task_id for mark in judged if mark.base)
    ids = [problem.task_id for problem in run.problems]
    tallies = [
        _VerdictCounts(task_id, totals[task_id], passes[task_id], confirmed[task_id], base[task_id]) for task_id in ids
    ]
    scored = [tally for tally in tallies if tally.judged]
    if not scored:
        raise _without_judged_sample(run, counted)
    fewest = min(scored, key=lambda tally: tally.judged)
    for k in run.config.k:
        if k > fewest.judged:
            raise ScoreError(
                f"pass@{k} needs at least {k} judged samples of every problem, but {fewest.task_id!r} has "
                f"{fewest.judged}: judge or generate more samples, or leave {k} out of --k."
            )
    ks = sorted(set(run.config.k)) or [k for k in USUAL_K if k <= fewest.judged]
    unsound = {tally.task_id: run.task.unsound[tally.task_id] for tally in scored if tally.task_id in run.task.unsound}
    sound = [tally for tally in scored if tally.task_id not in unsound]
    tried = confirming(run.task, run.config.confirm)
    confirmations = (
        count_confirmations(judged, [tally.task_id for tally in tallies]) if tried is Confirming.TRIED else None
    )
    verdicts = Counter(mark.verdict for mark in counted)
    return Score(
        task=run.task.name,
        task_version=run.task_version,
        task_fingerprint=run.task.fingerprint,
        style=run.task.style,
        extraction=run.config.extraction_used,
        n_problems=len(scored),
        n_samples=len(judged),
        samples_per_problem=(fewest.judged, max(tally.judged for tally in scored)),
        pass_rates=_pass_rates(run, [tally.passed for tally in scored], scored, ks),
        confirmed_pass_rates=_pass_rates(
            run, [tally.confirmed for tally in scored], scored, ks if confirmations else ()
        ),
        sound_pass_rates=_pass_rates(run, [tally.passed for tally in sound], sound, ks if unsound and sound else ()),
        unsound=unsound,
        confirming=tried,
        confirmations=confirmations,
        judging=run.config.judging,
        verdicts={verdict: verdicts[verdict] for verdict in Verdict if verdicts[verdict]},
        not_judged=verdicts[Verdict.NOT_JUDGED],
        missing=max(0, len(wanted) * run.config.samples - len(counted)),
        unscored_problems=[tally.task_id for tally in tallies if not tally.judged],
        answers=count_answers(run.folder.completions.path, wanted, marks),
        base_pass_rates=_pass_rates(
            run, [tally.base for tally in scored], scored, ks if any(mark.base is not None for mark in judged) else ()
        ),
        max_tokens=run.config.max_tokens,
        tests_held=_tests_held(judged),
    )


def _tests_held(judged: Sequence[VerdictSummary]) -> TestsHeld | None:
    shares: dict[str, list[float]] = {}
    for mark in judged:
        if mark.tests and mark.tests_held is not None:
            shares.setdefault(mark.task_id, []).append(mark.tests_held / mark.tests)
    if not shares:
        return None
    return TestsHeld(sum(map(len, shares.values())), fmean(fmean(each) for each in shares.values()))


def to_json(score: Score) -> str:
    """score.json: pass@k under the names that users know, everything else as the fields are called.

    Left out: what is said of unsound problems where there is none, of answers where no model was asked, of assertions
    where no tests told them, and what decides unless the split tests alone do.
    """
    values = asdict(score)
    if score.judging is not Judging.SPLIT:
        del values["judging"]
    del values["max_tokens"]  # it stands in config.toml
    if score.answers is None:
        del values["answers"]
    if score.tests_held is None:
        del values["tests_held"]
    rates = {f"pass@{k}": rate for k, rate in values.pop("pass_rates").items()}
    confirmed = {f"confirmed_pass@{k}": rate for k, rate in values.pop("confirmed_pass_rates").items()}
    sound = {f"sound_pass@{k}": rate for k, rate in values.pop("sound_pass_rates").items()}
    base = {f"base_pass@{k}": rate for k, rate in values.pop("base_pass_rates").items()}
    unsound = {"unsound_problems": found} if (found := values.pop("unsound")) else {}
    document: dict[str, Any] = {**values, **rates, **base, **confirmed, **sound, **unsound}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _without_judged_sample(run: Run, not_judged: Sequence[VerdictSummary]) -> ScoreError:
    """Tells a run that was never judged from one whose every sample failed to be judged."""
    path = run.folder.path
    if not not_judged:
        return ScoreError(f"{str(path)!r} has no judged sample: run `wavebench judge {path}` first.")
    (reason, _), *others = Counter(summary.detail.rstrip(".") for summary in not_judged).most_common()
    more = ", and others" if others else ""
    return ScoreError(
        f"None of the samples in {str(path)!r} could be judged ({reason or 'no reason given'}{more}): fix that, with "
        f"`wavebench doctor` to check the sandbox, then run `wavebench judge {path}` again."
    )


def _pass_rates(
    run: Run, passes: Sequence[int], tallies: Sequence[_VerdictCounts], ks: Sequence[int]
) -> dict[int, Interval]:
    clusters = [cluster_of(run.task.name, tally.task_id) for tally in tallies]
    return {k: score_interval(passes, [tally.judged for tally in tallies], k, clusters=clusters) for k in ks}
