"""What can be said against a run without running anything: gaps, doubles, other prompts, other programs, other data."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from harness.judge import Sample, build_program
from harness.judged import Judged
from harness.run import Run
from harness.run_folder import TaskIdentity, identify
from tasks.task import Problem
from tasks.verdict import Verdict

NAMED = 3
"""How many samples a finding names before it only counts."""
Key = tuple[str, int]


def audit(run: Run) -> list[str]:
    """Findings, the gravest first; empty when the files are whole and agree with each other.

    The run's task must have been loaded from data that the auditor trusts.
    """
    findings = list(_identity(run))
    if findings:
        return findings
    judged, doubles = _verdicts(run)
    wanted = _wanted(run)
    findings += _named("verdicts written twice", doubles)
    findings += _keys(run, judged, wanted)
    if not findings:
        findings += _contents(run, judged)
    return findings


def _identity(run: Run) -> Iterator[str]:
    """Other prompts, other data, another version of the task."""
    recorded: dict[str, Any] = run.folder.manifest().get("task") or {}
    own = identify(run.task)
    for name in TaskIdentity.__slots__:
        if recorded.get(name) != getattr(own, name):
            yield f"its task {name} is {str(recorded.get(name))[:80]!r}, here it is {str(getattr(own, name))!r}"
    if recorded.get("style_sha256") == own.style_sha256 and run.config.style != own.style:
        yield f"its config says style {run.config.style[:80]!r}, its manifest {own.style!r}"


def _verdicts(run: Run) -> tuple[dict[Key, Judged], list[Key]]:
    """The last word on every sample, and those on which an earlier word was final."""
    found: dict[Key, Judged] = {}
    doubles: list[Key] = []
    for _, judged in run.folder.verdicts.read():
        key = (judged.task_id, judged.sample)
        if key in found and found[key].verdict is not Verdict.NOT_JUDGED:
            doubles.append(key)
        found[key] = judged
    return found, doubles


def _wanted(run: Run) -> set[Key]:
    """Every sample that the settings ask for; those made elsewhere say how many by what is there."""
    ids = [problem.task_id for problem in run.problems]
    if run.config.samples:
        return {(task_id, number) for task_id in ids for number in range(run.config.samples)}
    counts = Counter(task_id for task_id, _ in run.folder.completions.samples())
    most = max(counts.values(), default=0)
    return {(task_id, number) for task_id in ids for number in range(most)}


def _keys(run: Run, judged: dict[Key, Judged], wanted: set[Key]) -> Iterator[str]:
    """Dropped, added and unjudged samples."""
    answered = set(run.folder.completions.samples())
    yield from _named("samples without an answer", sorted(wanted - answered))
    yield from _named("samples without a verdict", sorted(wanted & answered - set(judged)))
    yield from _named("samples that nobody asked for", sorted((answered | set(judged)) - wanted))
    open_ones = [key for key, line in judged.items() if line.verdict is Verdict.NOT_JUDGED]
    yield from _named("samples that could not be judged", sorted(open_ones))


def _contents(run: Run, judged: dict[Key, Judged]) -> Iterator[str]:
    """Answers to other prompts, and verdicts over other programs than the answers make."""
    prompts: list[Key] = []
    programs: list[Key] = []
    unfinished: list[Key] = []
    for problem in run.problems:
        for number in _numbers(judged, problem):
            key = (problem.task_id, number)
            turns = run.folder.completions.turns(key)
            answers = [turn.completion for turn in turns]
            if not run.config.made_elsewhere:
                asked = [run.task.prompt(problem, answers[:turn]) for turn in range(len(turns) + 1)]
                prompts += (
                    [key]
                    if any(a is None or a.sha256 != t.prompt_sha256 for a, t in zip(asked, turns, strict=False))
                    else []
                )
                unfinished += [key] if asked[-1] is not None else []
            sample = Sample(problem, number, answers, run.config.form_of(turns), run.config.limit_changes())
            program = build_program(run.task, sample)
            programs += [key] if judged[key].program_sha256 != (program.sha256 if program else "") else []
    yield from _named("answers to other prompts than the task's", prompts)
    yield from _named("samples that lack a turn", unfinished)
    yield from _named("verdicts over other programs than this version makes of the answers", programs)


def _numbers(judged: dict[Key, Judged], problem: Problem) -> list[int]:
    return sorted(number for task_id, number in judged if task_id == problem.task_id)


def _named(what: str, keys: Sequence[Key]) -> list[str]:
    if not keys:
        return []
    shown = ", ".join(f"{task_id[:80]!r} sample {number}" for task_id, number in keys[:NAMED])
    return [f"{len(keys)} {what} ({shown}{' and more' if len(keys) > NAMED else ''})"]
