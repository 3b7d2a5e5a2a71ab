"""Checks a run's files before anything is executed: gaps, duplicates, other prompts, programs or data."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from harness.completion import Completion
from harness.files.json_lines import JsonLines
from harness.judging.judge import build_program, whole_samples
from harness.runs.run import Run
from harness.runs.run_folder import TaskIdentity, identify
from harness.runs.verdict_log import VerdictRecord
from tasks.verdict import Verdict

NAMED = 3
"""How many samples a finding names before it only counts."""
Key = tuple[str, int]

_CONFIRMATIONS = {Verdict.PASSED: (True, None), Verdict.FORGED: (False,)}
"""The confirmations that fit a verdict; all other verdicts have none."""


def check_run(run: Run) -> list[str]:
    """Findings, the gravest first; empty when the files are whole and agree with each other.

    The run's task must have been loaded from data that the auditor trusts. Raises BrokenLineError for a line that is
    not what its file holds.
    """
    recorded: dict[str, Any] = run.folder.manifest().get("task") or {}
    own = identify(run.task)
    findings = [
        f"its task {name} is {str(recorded.get(name))[:80]!r}, here it is {str(getattr(own, name))!r}"
        for name in TaskIdentity.__slots__
        if recorded.get(name) != getattr(own, name)
    ]
    if recorded.get("style_sha256") == own.style_sha256 and run.config.style != own.style:
        findings.append(f"its config names style {run.config.style[:80]!r}, its manifest {own.style!r}")
    if findings:  # other prompts or other data: all that follows would be found again for each sample
        return findings
    for _ in JsonLines(run.folder.completions.path, Completion).read():
        pass  # every line is whole, before one of them is looked up by its place
    # The last word on every sample, and the samples on which an earlier word was final.
    judged: dict[Key, VerdictRecord] = {}
    doubles: list[Key] = []
    for _, line in run.folder.verdicts.read():
        key = (line.task_id, line.sample)
        if key in judged and judged[key].verdict is not Verdict.NOT_JUDGED:
            doubles.append(key)
        judged[key] = line
    findings += _name_samples("verdicts written twice", len(doubles), doubles)
    findings += _check_samples(run, judged)
    if not findings:
        findings += _check_contents(run, judged)
    return findings


def _check_samples(run: Run, judged: Mapping[Key, VerdictRecord]) -> Iterator[str]:
    """Dropped, added and unjudged samples. The settings may claim 10^12 of them, so only what is there is counted."""
    ids = {problem.task_id: None for problem in run.problems}
    answered = dict.fromkeys(run.folder.completions.samples())
    each = run.config.samples or max(Counter(task_id for task_id, _ in answered).values(), default=0)

    def is_wanted(key: Key) -> bool:
        return key[0] in ids and 0 <= key[1] < each

    asked = [key for key in answered if is_wanted(key)]
    gaps = ((task_id, number) for task_id in ids for number in range(each) if (task_id, number) not in answered)
    yield from _name_samples("samples without an answer", len(ids) * each - len(asked), gaps)
    unjudged = [key for key in asked if key not in judged]
    yield from _name_samples("samples without a verdict", len(unjudged), unjudged)
    added = sorted(key for key in {*answered, *judged} if not is_wanted(key))
    yield from _name_samples("samples that nobody asked for", len(added), added)
    open_ones = sorted(key for key, line in judged.items() if line.verdict is Verdict.NOT_JUDGED)
    yield from _name_samples("samples that could not be judged", len(open_ones), open_ones)
    odd = sorted(key for key, line in judged.items() if line.confirmed not in _CONFIRMATIONS.get(line.verdict, (None,)))
    yield from _name_samples("verdicts that do not fit their confirmation", len(odd), odd)


def _check_contents(run: Run, judged: Mapping[Key, VerdictRecord]) -> Iterator[str]:
    """Answers to other prompts, and verdicts over other programs than the answers make."""
    prompts: list[Key] = []
    programs: list[Key] = []
    unfinished: list[Key] = []
    problems = {problem.task_id: problem for problem in run.problems}
    for task_id, number in sorted(judged):
        key, problem = (task_id, number), problems[task_id]
        if not run.config.made_elsewhere:
            turns = run.folder.completions.turns(key)
            answers = [turn.completion for turn in turns]
            asked = [run.task.prompt(problem, answers[:place]) for place in range(len(turns))]
            if any(a is None or a.sha256 != turn.prompt_sha256 for a, turn in zip(asked, turns, strict=True)):
                prompts.append(key)
        for sample in whole_samples(run, [(problem, number)]):
            program = build_program(run.task, sample)
            if judged[key].program_sha256 != (program.sha256 if program else ""):
                programs.append(key)
            break
        else:
            unfinished.append(key)
    yield from _name_samples("answers to other prompts than the task's", len(prompts), prompts)
    yield from _name_samples("samples that lack a turn", len(unfinished), unfinished)
    yield from _name_samples(
        "verdicts over other programs than this version makes of the answers", len(programs), programs
    )


def _name_samples(what: str, count: int, keys: Iterable[Key]) -> list[str]:
    if not count:
        return []
    shown = ", ".join(f"{task_id[:80]!r} sample {number}" for task_id, number in islice(keys, NAMED))
    return [f"{count} {what} ({shown}{' and more' if count > NAMED else ''})"]
