"""The main path: ask and judge side by side, score, report. Each step goes on where it stopped."""

from collections.abc import Mapping
from pathlib import Path

from harness.generation.generate import generate
from harness.judging.concurrent_judging import judging_meanwhile
from harness.judging.import_samples import take_samples
from harness.judging.judge import judge
from harness.runs.config import RunConfig
from harness.runs.manifest import now
from harness.runs.run import Run, open_run, reopen_run
from harness.scoring.report import write_report
from harness.scoring.score import Score, score_run


def evaluate(config: RunConfig, path: Path) -> Score:
    """Scores a model, or samples made elsewhere, and leaves a whole run folder at `path`."""
    with open_run(config, path) as run:
        if config.made_elsewhere:
            take_samples(run)
        else:
            with judging_meanwhile(run) as told:
                generate(run, told)
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
