"""The main path: ask, judge, score, report. Each step goes on where it stopped."""

from pathlib import Path

from harness.config import RunConfig
from harness.generate import generate
from harness.judge import judge
from harness.manifest import now
from harness.report import write_report
from harness.run import open_run
from harness.score import Score, score_run
from harness.take_samples import take_samples


def evaluate(config: RunConfig, path: Path) -> Score:
    """Scores a model, or samples made elsewhere, and leaves a whole run folder at `path`."""
    with open_run(config, path) as run:
        if config.made_elsewhere:
            take_samples(run)
        else:
            generate(run)
        judge(run)
        score = score_run(run)
        write_report(run, score)
        run.folder.note({"finished": now()})
        return score
