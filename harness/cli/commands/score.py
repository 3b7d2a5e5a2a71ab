"""`wavebench score`: scores the verdicts of run folders again."""

from pathlib import Path

from harness.cli.errors import report_errors
from harness.cli.options import AsJson, DataPath, KValues, Runs
from harness.cli.print_scores import print_scores


@report_errors
def score_command(runs: Runs, k: KValues = None, data: DataPath = None, as_json: AsJson = False) -> None:
    """Scores the verdicts of run folders again, for instance with other k; runs no program."""
    from harness.cli.resolve_config import overrides
    from harness.runs.run import reopen_run
    from harness.scoring.score import Score, score_run

    scores: dict[Path, Score] = {}
    for path in runs:
        with reopen_run(path, overrides({"k": k, "data": data})) as run:
            scores[path] = score_run(run)
    print_scores(scores, as_json)
