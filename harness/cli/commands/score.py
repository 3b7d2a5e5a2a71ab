"""`wavebench score`: scores the verdicts of run folders again."""

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.errors import report_errors
from harness.cli.options import AsJson, DataPath, KValues, Runs
from harness.cli.print_scores import print_scores


@report_errors
def score_command(
    runs: Runs,
    k: KValues = None,
    data: DataPath = None,
    eval_results: Annotated[
        Path | None,
        typer.Option(
            "--eval-results", metavar="FILE", help="Also write a run's verdicts as EvalPlus' eval_results.json."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Scores run folders again, for instance with other k. Runs no program."""
    from harness.cli.resolve_config import overrides
    from harness.runs.run import reopen_run
    from harness.runs.settings import ConfigError
    from harness.scoring.score import Score, score_run

    if eval_results and len(runs) > 1:
        raise ConfigError("--eval-results takes the verdicts of one run: name one run folder.")
    scores: dict[Path, Score] = {}
    for path in runs:
        with reopen_run(path, overrides({"k": k, "data": data})) as run:
            scores[path] = score_run(run)
            if eval_results:
                from harness.scoring.eval_results import write_eval_results

                write_eval_results(run, scores[path], eval_results)
    print_scores(scores, as_json)
