"""Answers in, verdicts out: no run folder, no model."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from harness.files.progress import progress_bar
from harness.judging.extraction_cache import cache_extraction
from harness.judging.judge import Sample, judge_samples, open_judging_sandbox, settled_by
from harness.runs.config import RunConfig, parse_config
from harness.runs.verdict_log import FailingTest, VerdictRecord
from sandbox.cache.sandbox import CachedSandbox
from sandbox.errors import WavebenchError
from sandbox.outcome import Ending
from sandbox.sandbox import Sandbox
from tasks.errors import TaskError
from tasks.policy import under_policy
from tasks.task import AnswerForm, Extraction, Problem, Task
from tasks.verdict import Verdict
from wavebench.opening import ORIGIN, load_task, whole_path


class AnswersError(WavebenchError):
    """Answers that do not fit their task ids or their task."""


@dataclass(frozen=True, slots=True)
class AnswerVerdict:
    """What one answer was worth."""

    task_id: str
    verdict: Verdict
    detail: str
    """One line that explains the verdict, such as the assertion that failed; empty where nothing is to be said."""
    confirmed: bool | None
    """For passes: whether the tests also held in a process without the answer's code; None where that is unknown."""
    code: str
    """The program's code as it was found in the answer; empty when there is none."""
    rule: str
    """How the code was found, such as "fence" or "continuation"."""
    ending: Ending | None
    """How the program ended; None when nothing had to run."""
    cpu_seconds: float
    """Processor time of the program with its tests; 0 when nothing had to run."""
    wall_seconds: float
    memory_mb: float
    """Peak; 0 where nothing could measure it."""
    stderr: str
    """The last 2,000 characters that the program wrote there."""
    tests: int | None = None
    """Assertions that the tests apart from the answer came to, at most 1,000, or their inputs; None where they tell
    none."""
    tests_held: int | None = None
    """How many of them held."""
    failing: FailingTest | None = None
    """The first that did not hold: call, expected and got."""

    @property
    def passed(self) -> bool:
        """Every test held, and the pass is not a forged one."""
        return self.verdict is Verdict.PASSED


def judge(
    answers: Sequence[str | Sequence[str]],
    task_ids: Sequence[str],
    task: str | Task[Any] = "humaneval",
    *,
    style: str = "",
    split: str = "",
    data: str | Path = "",
    form: str = "auto",
    extraction: str = "",
    sandbox: Sandbox | None = None,
    tier: str = "namespaces",
    workers: int | None = None,
    cpu_seconds: float | None = None,
    wall_seconds: float | None = None,
    memory_mb: int | None = None,
    confirm: bool = True,
    cache: bool = True,
    progress: bool = False,
) -> list[AnswerVerdict]:
    """The verdict of each answer, in the order of `answers`. Keeps no run folder.

    answers: n texts as a model gave them. For a task of several turns, each a list with the text of every turn.
    task_ids: n problem ids, one per answer; an id may come several times. The samples of one problem are judged
        together, whatever their places.
    task: a task's name, or a loaded `Task`. `style`, `split` and `data` are as in `load_task`.
    form: "auto" searches the code in whatever a model said to the style's prompt; "continuation" means that the text
        continues the problem's prompt verbatim; "fitted" is that, less what would clash with the tests; "program"
        means that it is a whole program.
    extraction: which rules find the code under "auto", as in `load_task`; empty leaves the task as it is.
    sandbox: one that stays open between calls, from `open_sandbox`; None opens one of `tier` with `workers` for this
        call, with the execution cache in front of it unless `cache` is False.
    cpu_seconds, wall_seconds, memory_mb: limits of each program in place of the task's own.
    confirm: whether the tests of a pass also run in a process that never holds the answer's code.
    progress: shows a bar on standard error, where that is a terminal.

    What the machine failed to judge is tried once more, then has the verdict NOT_JUDGED. Raises WavebenchError for
    lists of unequal length, unknown task ids, unfinished answers, and where no sandbox can be opened.
    """
    loaded = load_task(task, style, split=split, data=data) if isinstance(task, str) else task
    settings: dict[str, Any] = (
        {"model": "answers", "task": loaded.name, "data": whole_path(data), "form": form, "tier": tier}
        | {"workers": workers, "confirm": confirm, "cache": cache}
        | {"cpu_seconds": cpu_seconds, "wall_seconds": wall_seconds, "memory_mb": memory_mb}
        | ({"extraction": extraction} if extraction else {})
    )
    try:
        config = _parsed(tuple((name, type(value).__name__, value) for name, value in settings.items()))
    except TypeError:  # a list where a number belongs, for one: no key, and refused in a sentence
        config = parse_config(settings, ORIGIN)
    loaded = under_policy(loaded, config.extraction) if extraction else loaded
    samples = _samples(loaded, answers, task_ids, config)
    judging = _AnswerJudging(loaded)
    with (
        progress_bar(f"Judging {loaded.name}", len(samples)) if progress else nullcontext(_ignore) as advance,
        nullcontext(sandbox) if sandbox else open_judging_sandbox(config) as opened,
    ):
        judging.run(samples, opened, advance)
        judging.run(judging.failed(samples), opened, _ignore)
    return [judging.verdict(sample) for sample in sorted(samples, key=lambda sample: sample.number)]


@lru_cache(maxsize=64)
def _parsed(settings: tuple[tuple[str, str, Any], ...]) -> RunConfig:
    """Servers and trainers ask with the same settings again and again, and parsing takes longer than many an answer.

    The types stand beside the values, as 1 and True are the same key.
    """
    return parse_config({name: value for name, _, value in settings}, ORIGIN)


class _AnswerJudging:
    """The verdicts of one call, by the place of their answers."""

    def __init__(self, task: Task[Any]) -> None:
        self._task = task
        self._records: dict[int, VerdictRecord] = {}
        self._codes: dict[tuple[str, tuple[str, ...]], str] = {}

    def run(self, samples: Sequence[Sample], sandbox: Sandbox, advance: Callable[[], None]) -> None:
        extract = self._task.extract
        if isinstance(sandbox, CachedSandbox):
            extract = cache_extraction(self._task, sandbox.cache)

        def extract_and_keep(problem: Problem, answers: Sequence[str], form: AnswerForm) -> Extraction:
            found = extract(problem, answers, form)
            self._codes[problem.task_id, tuple(answers)] = found.code
            return found

        for record in judge_samples(self._task, samples, sandbox, extract_and_keep):
            self._records[record.sample] = record
            advance()

    def failed(self, samples: Sequence[Sample]) -> list[Sample]:
        """Those that could not be judged. What a confirmation said stands: by now the answers have met the tests."""
        found: list[Sample] = []
        for sample in samples:
            record = self._records[sample.number]
            if record.verdict is Verdict.NOT_JUDGED:
                settled = settled_by(record)
                found.append(
                    Sample(
                        sample.problem,
                        sample.number,
                        sample.answers,
                        sample.form,
                        sample.limits,
                        sample.confirm,
                        settled,
                    )
                )
        return found

    def verdict(self, sample: Sample) -> AnswerVerdict:
        record = self._records[sample.number]
        return answer_verdict(record, self._codes.get((record.task_id, tuple(sample.answers)), ""))


def answer_verdict(record: VerdictRecord, code: str) -> AnswerVerdict:
    """What a line of verdicts.jsonl says about an answer in which `code` was found."""
    return AnswerVerdict(
        task_id=record.task_id,
        verdict=record.verdict,
        detail=record.detail,
        confirmed=record.confirmed,
        code=code,
        rule=record.rule,
        ending=record.ending,
        cpu_seconds=record.cpu_seconds,
        wall_seconds=record.wall_seconds,
        memory_mb=record.memory_mb,
        stderr=record.stderr,
        tests=record.tests,
        tests_held=record.tests_held,
        failing=record.failing,
    )


def _samples(
    task: Task[Any], answers: Sequence[str | Sequence[str]], task_ids: Sequence[str], config: RunConfig
) -> list[Sample]:
    """One per answer, numbered by its place; those of a problem stand together.

    So their confirmations are settled before the first of them meets the tests; see `sandbox.pool.backlog`.
    """
    if isinstance(answers, str) or isinstance(task_ids, str):
        raise AnswersError("answers and task_ids are lists, not one text: give [answer] and [task_id].")
    if len(answers) != len(task_ids):
        raise AnswersError(f"{len(answers)} answers for {len(task_ids)} task ids: give one task id per answer.")
    problems = {problem.task_id: problem for problem in task.problems}
    grouped: dict[str, list[Sample]] = {}
    for place, (answer, task_id) in enumerate(zip(answers, task_ids, strict=True)):
        if task_id not in problems:
            ids = list(problems)
            closest = get_close_matches(str(task_id), ids, n=1, cutoff=0.4)
            hint = f"did you mean {closest[0]!r}? " if closest else ""
            raise TaskError(
                f"{task.name!r} has no problem {task_id!r}: {hint}Its {len(ids)} ids go from {ids[0]!r} to {ids[-1]!r}."
            )
        turns = [answer] if isinstance(answer, str) else list(answer)
        if config.form is AnswerForm.AUTO and task.prompt(problems[task_id], turns) is not None:
            raise AnswersError(
                f"answers[{place}] has {len(turns)} turns and {task_id!r} of {task.name!r} takes more: "
                f"give a list with the text of every turn."
            )
        sample = Sample(problems[task_id], place, turns, config.form, config.limit_changes(), config.confirm)
        grouped.setdefault(task_id, []).append(sample)
    return [sample for group in grouped.values() for sample in group]


def _ignore() -> None: ...
