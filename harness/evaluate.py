"""The main path: ask, judge, score, report. Every step continues where an earlier start stopped.

Samples are judged in three passes, and each pass leaves to the next what it could not judge:

1. Concurrent judging, while the model answers: a problem is judged as soon as all its samples are answered.
2. After the model, with every core: all samples without a verdict. It alone judges imported samples.
3. Once more: the samples that are "not judged", as when a sandbox broke or a program reached the wall limit beside
   the model.

In every pass the samples of a problem go together, and a confirmation that is settled is never asked for again.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.generation.generate import generate
from harness.judging.concurrent_judging import ConcurrentJudging
from harness.judging.import_samples import import_samples
from harness.judging.judge import find_unjudged, note_judging, open_judging_sandbox, record_verdicts
from harness.model import Model
from harness.runs.config import RunConfig
from harness.runs.manifest import now
from harness.runs.run import Run, open_run
from harness.runs.run_folder import RunFolder
from harness.scoring.report import write_report
from harness.scoring.score import Score, score_run
from tasks.task import Task


def evaluate(config: RunConfig, path: Path, *, model: Model | None = None, task: Task[Any] | None = None) -> Score:
    """Scores a model, or imported samples, and leaves a complete run folder at `path`.

    `model` and `task` are used in place of those that `config` names; its names then only label the run.
    """
    with open_run(config, path, task) as run:
        if config.made_elsewhere:
            import_samples(run)
        else:
            with ConcurrentJudging(run) as concurrent:
                generate(run, concurrent.add, model)
        judge(run)
        return _score_and_report(run)


def evaluate_again(path: Path, changes: Mapping[str, object]) -> Score:
    """Judges and scores the samples of a run folder, without asking the model for more."""
    config = RunFolder(path, writable=False).config().override(changes)
    with open_run(config, path) as run:
        judge(run)
        return _score_and_report(run)


def judge(run: Run) -> None:
    """Passes 2 and 3: judges every sample that has no verdict yet.

    Raises SandboxError when the sandbox cannot be opened, FullDiskError when there is no room.
    """
    without_verdict = find_unjudged(run)
    if not without_verdict:
        return
    with open_judging_sandbox(run.config) as sandbox:
        note_judging(run, sandbox)  # at once, so that a killed run says where its verdicts came from
        record_verdicts(run, without_verdict, sandbox)
        if not_judged := find_unjudged(run):
            record_verdicts(run, not_judged, sandbox)
        note_judging(run, sandbox)
    run.folder.note({"judged": now()})


def _score_and_report(run: Run) -> Score:
    score = score_run(run)
    write_report(run, score)
    run.folder.note({"finished": now()})
    return score
