"""Every sample of one run as data files, one block of problems in memory at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from harness.pages.frame import LETTERS
from harness.runs.config import RunConfig
from harness.runs.run import load_task
from harness.runs.run_folder import RunFolder
from harness.runs.verdict_log import VerdictRecord
from leaderboards.runs.problems import by_number
from leaderboards.site.data_file import write_data
from leaderboards.site.names import block_of
from leaderboards.site.programs import ShownProgram, show_program
from sandbox.errors import WavebenchError
from tasks.task import AnswerForm, Problem, Task
from tasks.verdict import Verdict

LONGEST_TEXT = 60_000
"""Characters of one text that a page shows; the rest stays in the run folder, and the page says so."""
WAITING = "."
"""An answer without a verdict yet."""
Sample = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SampleOrder:
    """What a worker is asked to write."""

    run: Path
    out: Path
    name: str
    """The run's name in data files."""
    extracted: int
    """Samples per problem whose code is taken out of the answer; that is what takes time."""
    programs: int
    """Samples per problem that also show the program with its tests; it takes as long again."""


@dataclass(frozen=True, slots=True)
class _SampleFiles:
    """One open run."""

    folder: RunFolder
    config: RunConfig
    """Parsed once: that takes as long as all else that a sample takes."""
    task: Task[Any] | None
    """None when its data set is not at hand."""
    problems: Mapping[str, Problem]
    verdicts: Mapping[tuple[str, int], VerdictRecord]
    extracted: int
    programs: int
    frames: dict[str, tuple[str, str]]
    """By problem: what stands before and after the code in most programs; samples name only what differs."""


def write_samples(order: SampleOrder) -> dict[str, str]:
    """Writes the run's blocks; returns one letter per sample, in order, for each problem."""
    strips: dict[str, str] = {}
    with RunFolder(order.run, writable=False) as folder:
        config = folder.config()
        recorded: Mapping[str, Any] = folder.manifest().get("task") or {}
        try:
            task = load_task(config)
        except (WavebenchError, OSError):
            task = None
        if task is not None and task.fingerprint != recorded.get("fingerprint"):
            task = None
        problems: dict[str, Problem] = {problem.task_id: problem for problem in task.problems} if task else {}
        verdicts = {(judged.task_id, judged.sample): judged for _, judged in folder.verdicts.read()}
        source = _SampleFiles(folder, config, task, problems, verdicts, order.extracted, order.programs, {})
        found: dict[str, set[int]] = {}
        for task_id, number in (*source.folder.completions.samples(), *source.verdicts):
            found.setdefault(task_id, set()).add(number)
        numbers = {task_id: sorted(numbers) for task_id, numbers in found.items()}
        for block, task_ids in groupby(sorted(numbers, key=lambda each: (block_of(each), by_number(each))), block_of):
            samples = {
                task_id: [
                    _sample(source, task_id, number, position) for position, number in enumerate(numbers[task_id])
                ]
                for task_id in task_ids
            }
            frames = {task_id: source.frames[task_id] for task_id in samples if task_id in source.frames}
            write_data(order.out, f"samples/{order.name}/{block}", {"samples": samples, "frames": frames})
            strips |= {task_id: "".join(each["v"] for each in found) for task_id, found in samples.items()}
    return strips


def _sample(source: _SampleFiles, task_id: str, number: int, position: int) -> Sample:
    """Short keys, since a large site holds millions: n number, v verdict, d detail, t answers, c code, e stderr,
    p program, m marked lines, k candidates, h tests held, a the first assertion that did not hold."""
    turns = source.folder.completions.turns((task_id, number))
    answers = [turn.completion for turn in turns]
    judged = source.verdicts.get((task_id, number))
    sample: Sample = {
        "n": number,
        "v": LETTERS[judged.verdict] if judged else WAITING,
        "t": [cut_text(text) for text in answers],
    }
    if turns and turns[-1].finish_reason not in ("", "stop"):
        sample["f"] = turns[-1].finish_reason
    problem = source.problems.get(task_id)
    if position < source.extracted and answers and source.task and problem:
        sample |= _code(source, source.task, problem, answers, source.config.form_of(turns), judged, position)
    if judged is None:
        return sample
    if judged.detail:
        sample["d"] = judged.detail[:LONGEST_TEXT]
    if judged.stderr:
        sample["e"] = cut_text(judged.stderr)
    if judged.tests is not None:
        sample["h"] = [judged.tests_held or 0, judged.tests]
    if judged.failing:
        sample["a"] = [judged.failing.call, judged.failing.expected, judged.failing.got]
    if judged.ending is not None:
        spent = round(judged.cpu_seconds, 3), round(judged.wall_seconds, 3), round(judged.memory_mb)
        sample["x"] = [judged.ending, *spent]
    return sample


def _code(
    source: _SampleFiles,
    task: Task[Any],
    problem: Problem,
    answers: list[str],
    form: AnswerForm,
    judged: VerdictRecord | None,
    position: int,
) -> Sample:
    """The code in the answers, the program that it became, and what else was looked at."""
    extraction = task.extract(problem, answers, form)
    # 0 stands for the last answer word for word, which most code is.
    shown: Sample = {"c": 0 if extraction.code == answers[-1] else cut_text(extraction.code), "r": extraction.rule}
    if position >= source.programs:
        return shown
    if program := show_program(task, problem, extraction.code, form, judged):
        shown |= _program(program, source.frames, problem.task_id)
    # To list candidates takes as long as to find the code: not for samples that passed.
    if judged and judged.verdict is not Verdict.PASSED and len(extraction.candidates) > 1:
        shown["k"] = [
            [each.kind, each.line, " ".join(each.defines), each.chosen, each.why] for each in extraction.candidates
        ]
    return shown


def _program(program: ShownProgram, frames: dict[str, tuple[str, str]], task_id: str) -> Sample:
    """0 stands for the problem's usual frame around the code, two texts for another, one for a whole file."""
    shown: Sample = {"m": program.lines} if program.lines else {}
    if not (program.before or program.after):
        return {**shown, "p": [cut_text(program.whole)]}
    frame = (program.before, program.after)
    if sum(map(len, frame)) > LONGEST_TEXT:
        return {**shown, "p": [cut_text(program.whole)]}
    return {**shown, "p": 0 if frames.setdefault(task_id, frame) == frame else frame}


def cut_text(text: str) -> str | list[Any]:
    """The text, or its beginning and how many characters a page leaves out."""
    return text if len(text) <= LONGEST_TEXT else [text[:LONGEST_TEXT], len(text) - LONGEST_TEXT]
