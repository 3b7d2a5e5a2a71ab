"""The main path: ask and judge side by side, score, report. Each step goes on where it stopped."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.generation.generate import generate
from harness.judging.concurrent_judging import judging_meanwhile
from harness.judging.import_samples import take_samples
from harness.judging.judge import judge
from harness.model import Model
from harness.runs.config import RunConfig
from harness.runs.manifest import now
from harness.runs.run import Run, open_run, reopen_run
from harness.scoring.report import write_report
from harness.scoring.score import Score, score_run
from tasks.task import Task


def evaluate(config: RunConfig, path: Path, *, model: Model | None = None, task: Task[Any] | None = None) -> Score:
    """Scores a model, or samples made elsewhere, and leaves a whole run folder at `path`.

    `model` and `task` are used in place of those that `config` names; its names then only label the run.
    """
    with open_run(config, path, task) as run:
        if config.made_elsewhere:
            take_samples(run)
        else:
            with judging_meanwhile(run) as told:
                generate(run, told, model)
        return _judge_and_tell(run)


def evaluate_again(path: Path, changes: Mapping[str, object]) -> Score:
    """Judges and scores what a run folder holds, without asking for more."""
    with reopen_run(path, changes, writable=True) as run:
        return _judge_and_tell(run)


def _judge_and_tell(run: Run) -> Score:
    judge(run)
    score = score_run(run)
    write_report(run, score)
    run.folder.note({"finished": now()})
    return score
