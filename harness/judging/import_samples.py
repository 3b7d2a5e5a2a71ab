"""Copies external samples into a run folder, where they are judged like a model's answers."""

import re
from pathlib import Path

from harness.completion import Completion
from harness.files.progress import warn
from harness.judging.external_samples import SamplesFile, open_samples
from harness.runs.run import Run


def config_of_samples(file: SamplesFile, task: str, model: str) -> dict[str, object]:
    """The settings of a run over this file. `model` is only a label; empty takes the file's name."""
    return {
        "task": task,
        "model": model or re.sub(r"\.(jsonl|json)(\.gz)?$", "", file.path.name),
        "samples": 0,
        "samples_file": str(file.path),
        "samples_sha256": file.sha256(),
        "form": file.form,
        "form_by_row": len(file.forms) > 1,
    }


def import_samples(run: Run) -> None:
    """Copies the samples that are not there yet.

    Raises SamplesError when a problem has no sample, unless the run allows that.
    """
    file = open_samples(Path(run.config.samples_file))
    numbering = file.numbering(run.task.problems)
    if not run.config.allow_missing:
        file.refuse_missing(numbering, run.problems)
    for remark in numbering.remarks(str(file.path)):
        warn(remark)
    wanted = {problem.task_id for problem in run.problems}
    for sample in file.read(run.task.problems, numbering):
        if (
            sample.task_id in wanted
            and run.folder.completions.next_turn((sample.task_id, sample.sample)) <= sample.turn
        ):
            form = sample.form if run.config.form_by_row else run.config.form
            # The file does not say how the sample was made: no prompt, tokens or seconds.
            run.folder.completions.append(
                Completion(sample.task_id, sample.sample, sample.turn, "", sample.text, "", 0, 0, 0.0, form=form)
            )
