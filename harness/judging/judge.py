"""Judges every sample that has no verdict yet: code from the answers, an outcome from the sandbox, a verdict."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from harness.files.progress import progress_bar, warn
from harness.judging.extraction_cache import Extract, extract_known
from harness.runs.config import RunConfig
from harness.runs.manifest import describe_host, describe_versions, now
from harness.runs.run import Run
from harness.runs.verdict_log import (
    VerdictRecord,
    VerdictSummary,
    read_summaries,
    record_of_outcome,
    record_without_outcome,
)
from sandbox.cache.sandbox import CachedSandbox
from sandbox.cache.store import BlobStore, default_cache_path
from sandbox.launch import open_sandbox
from sandbox.outcome import Confirmation
from sandbox.program import Program
from sandbox.sandbox import Sandbox
from tasks.extraction.budget import OverBudgetError
from tasks.extraction.watched import NotReadError
from tasks.task import AnswerForm, Extraction, Problem, Task
from tasks.verdict import Judgement, Verdict


@dataclass(frozen=True, slots=True)
class SettledConfirmation:
    """What the tests said apart from a candidate, once and for all."""

    confirmation: Confirmation
    detail: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One whole sample: a problem and the answers to all its turns."""

    problem: Problem
    number: int
    answers: list[str]
    form: AnswerForm = AnswerForm.AUTO
    limits: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Limits by name that stand in place of the task's own."""
    confirm: bool = True
    """Whether the tests also run apart from the candidate, where the task allows that."""
    settled: SettledConfirmation | None = None
    """What they said when it was judged before: by then others had met these tests, so it is not asked again."""


@dataclass(frozen=True, slots=True)
class PendingVerdict:
    """What a program in the sandbox is called there."""

    problem: Problem
    number: int
    program_sha256: str
    rule: str
    settled: SettledConfirmation | None


def judge(run: Run) -> None:
    """Goes on where it stopped; whatever the environment failed to judge is tried once more.

    Raises SandboxError when the sandbox cannot be opened, FullDiskError when there is no room.
    """
    todo = unjudged(run)
    if not todo:
        return
    with open_judging_sandbox(run.config) as sandbox:
        note_judging(run, sandbox)
        _judge_all(run, todo, sandbox)
        if failed := unjudged(run):
            _judge_all(run, failed, sandbox)
        note_judging(run, sandbox)
    run.folder.note({"judged": now()})


def open_judging_sandbox(config: RunConfig) -> Sandbox:
    """The run's sandbox, of this machine or of a cluster, behind the execution cache unless the run does without."""
    if config.cluster:
        return _open_cluster(config)
    behind = partial(open_sandbox, config.tier, config.workers)
    return CachedSandbox(config.tier, _open_cache(config), behind) if config.cache else behind()


def _open_cluster(config: RunConfig) -> Sandbox:
    """Its machines are asked before the cache is: what they have installed is part of the keys there."""
    from sandbox.cluster.driver import open_cluster

    cluster = open_cluster(config.cluster, config.tier, config.workers)
    if not config.cache:
        return cluster
    elsewhere = "" if config.cluster == "local" else cluster.surroundings
    return CachedSandbox(config.tier, _open_cache(config), lambda: cluster, elsewhere).open()


def _open_cache(config: RunConfig) -> BlobStore:
    cache = BlobStore(default_cache_path(), config.cache_mb)
    if cache.remark:
        warn(cache.remark)
    return cache


def unjudged(run: Run) -> list[tuple[Problem, int]]:
    """The samples that have an answer and no verdict, or only "not judged"; those of one problem after another.

    So their confirmations are settled before the first of them learns its tests; see `sandbox.pool.backlog`.
    """
    marks = read_summaries(run.folder.verdicts.path)
    problems = {problem.task_id: problem for problem in run.problems}
    places = {task_id: place for place, task_id in enumerate(problems)}
    keys = sorted(
        (key for key in run.folder.completions.samples() if key[0] in problems and _still_open(marks.get(key))),
        key=lambda key: places[key[0]],
    )
    return [(problems[task_id], number) for task_id, number in keys]


def judge_samples(
    task: Task[Any], samples: Iterable[Sample], sandbox: Sandbox, extract: Extract | None = None
) -> Iterator[VerdictRecord]:
    """A verdict for every sample, as they finish; `samples` is drawn from only as the sandbox comes free.

    `extract` stands in place of the task's own extraction, and must find the same.
    """
    ready: deque[VerdictRecord] = deque()
    for running, outcome in sandbox.run(_programs(task, samples, extract or task.extract, ready)):
        while ready:
            yield ready.popleft()
        if running.settled:
            words = running.settled
            outcome = replace(outcome, confirmation=words.confirmation, confirmation_detail=words.detail)
        judgement = task.verdict(running.problem, outcome)
        yield record_of_outcome(
            running.problem.task_id, running.number, running.program_sha256, running.rule, outcome, judgement
        )
    yield from ready


def note_judging(run: Run, sandbox: Sandbox) -> None:
    """Where and under which walls the samples are judged; while nothing has to run, what an earlier judging said."""
    section = {"host": describe_host(), "versions": describe_versions(), **sandbox.facts()}
    if isinstance(sandbox, CachedSandbox):
        section |= {"programs run": str(sandbox.executed), "outcomes from the cache": str(sandbox.cache_hits)}
    run.folder.note({"judging": section})


def _judge_all(run: Run, todo: list[tuple[Problem, int]], sandbox: Sandbox) -> None:
    with progress_bar(f"Judging {run.label}", len(todo)) as advance:
        for judged in judge_keys(run, todo, sandbox, settled_confirmations(run)):
            run.folder.verdicts.append(judged)
            advance()


def judge_keys(
    run: Run,
    keys: Iterable[tuple[Problem, int]],
    sandbox: Sandbox,
    settled: Mapping[tuple[str, int], SettledConfirmation],
) -> Iterator[VerdictRecord]:
    """A verdict for every sample among `keys` that is whole, as they finish."""
    extract = extract_known(run.task, sandbox.cache) if isinstance(sandbox, CachedSandbox) else None
    samples = (
        replace(sample, settled=settled.get((sample.problem.task_id, sample.number)))
        for sample in whole_samples(run, keys)
    )
    return judge_samples(run.task, samples, sandbox, extract)


def settled_confirmations(run: Run) -> Mapping[tuple[str, int], SettledConfirmation]:
    """Of samples that were not judged to their end."""
    marks = read_summaries(run.folder.verdicts.path) if run.config.confirm else {}
    return {
        key: SettledConfirmation(mark.apart, mark.apart_detail)
        for key, mark in marks.items()
        if mark.verdict is Verdict.NOT_JUDGED and mark.apart
    }


def whole_samples(run: Run, keys: Iterable[tuple[Problem, int]]) -> Iterator[Sample]:
    """The samples whose last turn is answered; their text is read when it is their turn."""
    limits = run.config.limit_changes()
    for problem, number in keys:
        turns = run.folder.completions.turns((problem.task_id, number))
        answers = [turn.completion for turn in turns]
        if run.config.made_elsewhere or run.task.prompt(problem, answers) is None:
            yield Sample(problem, number, answers, run.config.form_of(turns), limits, run.config.confirm)


def build_program(task: Task[Any], sample: Sample) -> Program | None:
    """The program that judges a sample; None when its answers hold no code, or none that can be put together."""
    built = _build(task, sample, task.extract(sample.problem, sample.answers, sample.form))
    return built if isinstance(built, Program) else None


def _build(task: Task[Any], sample: Sample, extraction: Extraction) -> Program | Judgement:
    """The program; without one, the verdict and its reason."""
    if not extraction.code.strip():
        empty = "the answer is empty" if not any(sample.answers) else ""
        return Judgement(Verdict.NO_CODE, extraction.reason or empty)
    try:
        program = task.program(sample.problem, extraction.code, sample.form)
    except OverBudgetError as error:
        return Judgement(Verdict.NO_CODE, str(error))
    return replace(program, limits=replace(program.limits, **sample.limits)) if sample.limits else program


def _find_and_build(task: Task[Any], sample: Sample, extract: Extract) -> tuple[str, Program | Judgement]:
    """The rule that found the code, and what `_build` makes of it."""
    try:
        extraction = extract(sample.problem, sample.answers, sample.form)
        return extraction.rule, _build(task, sample, extraction)
    except NotReadError as error:
        return "", Judgement(Verdict.NOT_JUDGED, str(error))


def _programs(
    task: Task[Any], samples: Iterable[Sample], extract: Extract, ready: deque[VerdictRecord]
) -> Iterator[tuple[PendingVerdict, Program]]:
    """What has to run; whatever needs no sandbox goes to `ready`."""
    for sample in samples:
        rule, built = _find_and_build(task, sample, extract)
        if isinstance(built, Judgement):
            ready.append(record_without_outcome(sample.problem.task_id, sample.number, rule, built))
        else:
            running = PendingVerdict(sample.problem, sample.number, built.sha256, rule, sample.settled)
            apart = sample.confirm and sample.settled is None
            yield running, built if apart else replace(built, split=None)


def _still_open(mark: VerdictSummary | None) -> bool:
    return mark is None or mark.verdict is Verdict.NOT_JUDGED
