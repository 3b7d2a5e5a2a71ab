"""From answers to verdicts: extracts the code, builds a program, runs it in the sandbox, judges its outcome."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from harness.files.progress import progress_bar, warn
from harness.judging.extraction_cache import Extract, cache_extraction
from harness.runs.config import Judging, RunConfig
from harness.runs.manifest import describe_host, describe_versions
from harness.runs.run import Run
from harness.runs.verdict_log import (
    FailingTest,
    VerdictRecord,
    VerdictSummary,
    read_summaries,
    record_of_outcome,
    record_without_outcome,
)
from sandbox.cache.sandbox import CachedSandbox
from sandbox.cache.store import BlobStore, default_cache_path
from sandbox.launch import open_sandbox
from sandbox.outcome import Confirmation, Outcome
from sandbox.program import Program
from sandbox.sandbox import Sandbox
from tasks.extraction.budget import OverBudgetError
from tasks.extraction.watched import NotReadError
from tasks.task import AnswerForm, Extraction, Problem, Task
from tasks.verdict import Judgement, Verdict

Key = tuple[Problem, int]
"""A sample: its problem and its number."""


@dataclass(frozen=True, slots=True)
class SettledConfirmation:
    """A result of split tests that is final, as a verdict's line tells it."""

    confirmation: Confirmation
    detail: str
    tests: int | None = None
    tests_held: int | None = None
    failing: FailingTest | None = None


def settled_by(record: VerdictRecord | VerdictSummary) -> SettledConfirmation | None:
    """What an earlier judging settled; None where no split tests ran."""
    if record.apart is None:
        return None
    return SettledConfirmation(record.apart, record.apart_detail, record.tests, record.tests_held, record.failing)


@dataclass(frozen=True, slots=True)
class Sample:
    """One complete sample: a problem and the answers to all its turns."""

    problem: Problem
    number: int
    answers: list[str]
    form: AnswerForm = AnswerForm.AUTO
    limits: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Limits by name, in place of the task's own."""
    confirm: bool = True
    """Whether the split tests run too, where the task has them."""
    settled: SettledConfirmation | None = None
    """Their result of an earlier judging. They do not run again: by now other programs have met these tests."""
    split_alone: bool = False
    """Whether the split tests decide alone."""


@dataclass(frozen=True, slots=True)
class PreparedSample:
    """A sample whose program can run: all that its verdict needs besides the outcome."""

    problem: Problem
    number: int
    code: str
    """As it was found in the answers."""
    rule: str
    program: Program
    """As the task builds it."""
    settled: SettledConfirmation | None
    confirm: bool

    @property
    def runnable(self) -> Program:
        """The program without the split tests that are not to run."""
        runs_split = self.program.split_alone or (self.confirm and self.settled is None)
        return self.program if runs_split else replace(self.program, split=None)


def open_judging_sandbox(config: RunConfig) -> Sandbox:
    """The run's sandbox, on this machine or on a cluster, with the execution cache unless `cache` is off."""
    if not config.cluster:
        open_inner = partial(open_sandbox, config.tier, config.workers)
        return CachedSandbox(config.tier, _open_cache(config), open_inner) if config.cache else open_inner()
    from sandbox.cluster.cached import open_cached_cluster
    from sandbox.cluster.driver import open_cluster

    if not config.cache:
        return open_cluster(config.cluster, config.tier, config.workers)
    return open_cached_cluster(config.cluster, config.tier, config.workers, _open_cache(config))


def _open_cache(config: RunConfig) -> BlobStore:
    cache = BlobStore(default_cache_path(), config.cache_mb)
    if cache.remark:
        warn(cache.remark)
    return cache


def find_unjudged(run: Run) -> list[Key]:
    """The samples that have an answer but no verdict, or only "not judged", one problem after another.

    In this order the sandbox settles all confirmations of a problem before a program learns its tests; see
    `sandbox.pool.backlog`.
    """
    summaries = read_summaries(run.folder.verdicts.path)
    judged = {key for key, summary in summaries.items() if summary.verdict is not Verdict.NOT_JUDGED}
    problems = {problem.task_id: problem for problem in run.problems}
    places = {task_id: place for place, task_id in enumerate(problems)}
    keys = [key for key in run.folder.completions.samples() if key[0] in problems and key not in judged]
    keys.sort(key=lambda key: places[key[0]])
    return [(problems[task_id], number) for task_id, number in keys]


def note_judging(run: Run, sandbox: Sandbox) -> None:
    """Writes into the manifest where and in which tier the samples are judged.

    While nothing had to run, an earlier judging's words about the sandbox stay.
    """
    section = {"host": describe_host(), "versions": describe_versions(), **sandbox.facts()}
    if isinstance(sandbox, CachedSandbox):
        section |= {"programs run": str(sandbox.executed), "outcomes from the cache": str(sandbox.cache_hits)}
    run.folder.note({"judging": section})


def record_verdicts(run: Run, keys: Sequence[Key], sandbox: Sandbox) -> None:
    """Judges the complete samples among `keys`; each verdict is on disk before the next is awaited."""
    with progress_bar(f"Judging {run.label}", len(keys)) as advance:
        # Read in each pass: the pass before may have settled confirmations of samples that it could not judge.
        for record in judge_keys(run, keys, sandbox, read_settled_confirmations(run)):
            run.folder.verdicts.append(record)
            advance()


def read_settled_confirmations(run: Run) -> Mapping[tuple[str, int], SettledConfirmation]:
    """The results of split tests by task id and number, for samples that are "not judged" all the same."""
    # Where the split tests decide alone, no program has met them: they run again.
    keeps = run.config.judging is Judging.BOTH
    summaries = read_summaries(run.folder.verdicts.path) if keeps else {}
    return {
        key: settled
        for key, summary in summaries.items()
        if summary.verdict is Verdict.NOT_JUDGED and (settled := settled_by(summary))
    }


def judge_keys(
    run: Run,
    keys: Iterable[Key],
    sandbox: Sandbox,
    settled: Mapping[tuple[str, int], SettledConfirmation],
) -> Iterator[VerdictRecord]:
    """A verdict for every complete sample among `keys`, in the order they finish."""
    extract = cache_extraction(run.task, sandbox.cache) if isinstance(sandbox, CachedSandbox) else None
    samples = (
        replace(sample, settled=settled.get((sample.problem.task_id, sample.number)))
        for sample in whole_samples(run, keys)
    )
    return judge_samples(run.task, samples, sandbox, extract)


def whole_samples(run: Run, keys: Iterable[Key]) -> Iterator[Sample]:
    """The samples whose last turn is answered. Reads each text only when it is its turn, so memory stays flat."""
    limits = run.config.limit_changes()
    for problem, number in keys:
        turns = run.folder.completions.turns((problem.task_id, number))
        answers = [turn.completion for turn in turns]
        if run.config.made_elsewhere or run.task.prompt(problem, answers) is None:
            yield Sample(
                problem,
                number,
                answers,
                run.config.form_of(turns),
                limits,
                run.config.confirm,
                split_alone=run.config.judging is Judging.SPLIT,
            )


def judge_samples(
    task: Task[Any], samples: Iterable[Sample], sandbox: Sandbox, extract: Extract | None = None
) -> Iterator[VerdictRecord]:
    """A verdict for every sample, in the order they finish. Takes a sample only when the sandbox has room for it.

    `extract` replaces the task's own extraction, and must find the same.
    """
    without_program: deque[VerdictRecord] = deque()

    def programs() -> Iterator[tuple[PreparedSample, Program]]:
        for sample in samples:
            prepared = prepare_sample(task, sample, extract)
            if isinstance(prepared, PreparedSample):
                yield prepared, prepared.runnable
            else:
                without_program.append(prepared)

    for prepared, outcome in sandbox.run(programs()):
        while without_program:
            yield without_program.popleft()
        yield conclude_sample(task, prepared, outcome)
    yield from without_program


def prepare_sample(task: Task[Any], sample: Sample, extract: Extract | None = None) -> PreparedSample | VerdictRecord:
    """The program that judges a sample, or the verdict of one with nothing to run; `extract` as in `judge_samples`."""
    rule = ""
    try:
        extraction = (extract or task.extract)(sample.problem, sample.answers, sample.form)
        rule, built = extraction.rule, _build(task, sample, extraction)
    except NotReadError as error:  # the reader of the answer failed, which says nothing about the answer
        built = Judgement(Verdict.NOT_JUDGED, str(error))
    else:
        if isinstance(built, Program):
            # Where the split tests alone decide there is no verdict without them.
            settled = None if built.split_alone else sample.settled
            return PreparedSample(sample.problem, sample.number, extraction.code, rule, built, settled, sample.confirm)
    return record_without_outcome(sample.problem.task_id, sample.number, rule, built)


def conclude_sample(task: Task[Any], prepared: PreparedSample, outcome: Outcome) -> VerdictRecord:
    """The verdict of a sample whose program has run."""
    if settled := prepared.settled:
        outcome = replace(outcome, confirmation=settled.confirmation, confirmation_detail=settled.detail)
    judgement = task.verdict(prepared.problem, outcome)
    record = record_of_outcome(
        prepared.problem.task_id, prepared.number, prepared.program.sha256, prepared.rule, outcome, judgement
    )
    if settled := prepared.settled:  # the split tests did not run again
        record = replace(record, tests=settled.tests, tests_held=settled.tests_held, failing=settled.failing)
    return record


def build_program(task: Task[Any], sample: Sample) -> Program | None:
    """The program that judges a sample; None when its answers hold no code, or none that can be put together."""
    built = _build(task, sample, task.extract(sample.problem, sample.answers, sample.form))
    return built if isinstance(built, Program) else None


def _build(task: Task[Any], sample: Sample, extraction: Extraction) -> Program | Judgement:
    """The program of a sample; a verdict with its reason when there is none."""
    if not extraction.code.strip():
        empty = "the answer is empty" if not any(sample.answers) else ""
        return Judgement(Verdict.NO_CODE, extraction.reason or empty)
    try:
        program = task.program(sample.problem, extraction.code, sample.form)
    except OverBudgetError as error:
        return Judgement(Verdict.NO_CODE, str(error))
    if sample.split_alone:
        if program.split is None:
            return Judgement(
                Verdict.NOT_JUDGED, "its tests cannot run apart from it; judging = 'both' runs them with it"
            )
        program = replace(program, split_alone=True)
    return replace(program, limits=replace(program.limits, **sample.limits)) if sample.limits else program
