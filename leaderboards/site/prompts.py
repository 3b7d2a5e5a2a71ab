"""Prompts, references and tests of a task in one wording as data files."""

from itertools import groupby
from pathlib import Path
from typing import Any

from harness.runs.run import load_task
from leaderboards.runs.problems import by_number
from leaderboards.runs.record import RunRecord
from leaderboards.site.data_file import write_data
from leaderboards.site.names import block_of, prompts_slug
from leaderboards.site.programs import show_program
from leaderboards.site.samples import cut_text
from sandbox.errors import WavebenchError
from tasks.task import AnswerForm


def write_prompts(run: RunRecord, out: Path) -> bool:
    """Writes what the run's task asks first; False when its data set is not at hand."""
    try:
        task = load_task(run.config)
    except (WavebenchError, OSError):
        return False
    if task.fingerprint != run.task.fingerprint or task.style_sha256 != run.task.style_sha256:
        return False
    problems = {problem.task_id: problem for problem in task.problems}
    ordered = sorted(problems, key=lambda task_id: (block_of(task_id), by_number(task_id)))
    for block, task_ids in groupby(ordered, block_of):
        texts: dict[str, dict[str, Any]] = {}
        for task_id in task_ids:
            problem = problems[task_id]
            prompt = task.prompt(problem, ())
            if prompt is None:
                continue
            reference = task.reference(problem)
            program = show_program(task, problem, reference, AnswerForm.AUTO, None)
            # The tests around the reference.
            tests = (program.after or program.whole).strip("\n") if program else ""
            texts[task_id] = {
                "text": prompt.as_text,
                "language": problem.language,
                "reference": cut_text(reference),
                "tests": cut_text(tests),
            }
        write_data(out, f"prompts/{prompts_slug(run)}/{block}", texts)
    return True
