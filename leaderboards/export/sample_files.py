"""A run's samples as files that human-eval, EvalPlus and bigcode-evaluation-harness judge."""

import json
from collections.abc import Iterator
from enum import StrEnum

from harness.judging.judge import whole_samples
from harness.runs.run import Run
from sandbox.errors import WavebenchError
from tasks.task import Problem


class SampleFormat(StrEnum):
    """Whose format."""

    HUMAN_EVAL = "human-eval"
    """Lines with task_id and completion, which continues the problem's prompt."""
    EVALPLUS = "evalplus"
    """Lines with task_id and solution, a whole program."""
    BIGCODE = "bigcode"
    """One JSON list with a list of whole programs for each problem, in the order of the problems."""


class UnwritableSamplesError(WavebenchError):
    """Samples that the other tool could not judge."""


def sample_file(run: Run, output: SampleFormat) -> Iterator[str]:
    """The pieces of the file, one problem in memory at a time. Answers without code become empty programs, which fail.

    The code is what wavebench found in the answer, so that the other tool judges the same program. Raises
    UnwritableSamplesError where the tool has no such problems.
    """
    if output is SampleFormat.BIGCODE:
        yield from _bigcode(run)
        return
    problems = run.task.problems
    fitting = all(each.language == "python" for each in problems)
    if not fitting or (output is SampleFormat.HUMAN_EVAL and not all(hasattr(each, "prompt") for each in problems)):
        raise UnwritableSamplesError(
            f"{output} judges Python problems that continue a prompt, and {run.task.name} has others: choose "
            f"--format bigcode."
        )
    yield from _human_eval(run) if output is SampleFormat.HUMAN_EVAL else _evalplus(run)


def _human_eval(run: Run) -> Iterator[str]:
    for problem, codes in _codes(run):
        prompt = str(getattr(problem, "prompt", ""))
        for code in codes:
            # human-eval puts the prompt before every completion: its function gets a body, and a program that does not
            # begin with the prompt stands behind it.
            stands_behind = code.strip() and not code.startswith(prompt)
            completion = f"    pass\n\n\n{code}" if stands_behind else code[len(prompt) :]
            yield json.dumps({"task_id": problem.task_id, "completion": completion}) + "\n"


def _evalplus(run: Run) -> Iterator[str]:
    for problem, codes in _codes(run):
        yield from (json.dumps({"task_id": problem.task_id, "solution": code}) + "\n" for code in codes)


def _bigcode(run: Run) -> Iterator[str]:
    yield "["
    for place, (_, codes) in enumerate(_codes(run)):
        yield f"{',' if place else ''}\n{json.dumps(codes)}"
    yield "\n]\n"


def _codes(run: Run) -> Iterator[tuple[Problem, list[str]]]:
    """The code of every sample of each problem, in their order; empty lists where a problem has none."""
    numbers: dict[str, list[int]] = {}
    for task_id, number in run.folder.completions.samples():
        numbers.setdefault(task_id, []).append(number)
    for problem in run.task.problems:
        wanted = [(problem, number) for number in sorted(numbers.get(problem.task_id, ()))]
        samples = whole_samples(run, wanted)
        yield problem, [run.task.extract(problem, sample.answers, sample.form).code for sample in samples]
