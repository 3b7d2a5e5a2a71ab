"""A run's verdicts as EvalPlus' eval_results.json, for its leaderboard and for whoever reads that file."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from harness.files.atomic_write import write_whole
from harness.judging.judge import whole_samples
from harness.runs.run import Run
from harness.scoring.score import Score
from sandbox.errors import WavebenchError
from tasks.evalplus.results import eval_result
from tasks.evalplus.task import PlusTask


class NoEvalPlusError(WavebenchError):
    """The run's task is none of EvalPlus'."""


def write_eval_results(run: Run, score: Score, path: Path) -> None:
    """Writes every judged sample. Raises NoEvalPlusError."""
    task: object = run.task
    if not isinstance(task, PlusTask):
        raise NoEvalPlusError(
            f"{run.task.name!r} has no results as EvalPlus writes them: take a run of humaneval-plus or mbpp-plus."
        )
    verdicts = {(record.task_id, record.sample): record for _, record in run.folder.verdicts.read()}
    found: dict[str, list[dict[str, Any]]] = {}
    problems = {problem.task_id: problem for problem in task.problems}
    numbers: dict[str, list[int]] = {}
    for task_id, number in sorted(run.folder.completions.samples()):
        numbers.setdefault(task_id, []).append(number)
    keys = [(problem, number) for problem in task.problems for number in numbers.get(problem.task_id, ())]
    for sample in whole_samples(run, keys):
        problem = problems[sample.problem.task_id]
        if record := verdicts.get((problem.task_id, sample.number)):
            code = task.extract(problem, sample.answers, sample.form).code
            entry = eval_result(problem, code, record.verdict, record.base, record.detail)
            found.setdefault(problem.task_id, []).append(entry)
    rates = {"base": score.base_pass_rates, "plus": score.pass_rates}
    document = {
        "date": datetime.now().strftime("%Y-%m-%d %H:%M"),
        "hash": task.evalplus_hash,
        "eval": found,
        "pass_at_k": {name: {f"pass@{k}": rate.value for k, rate in each.items()} for name, each in rates.items()},
    }
    write_whole(path, json.dumps(document))
