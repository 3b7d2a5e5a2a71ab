"""Judges a file of samples as `wavebench judge` does, without a cache and a run folder; writes verdicts by sample.

python ours.py TASK SAMPLES.jsonl OUT.json WORKERS DATA
"""

import json
import sys
from pathlib import Path

from harness.judging.judge import Sample, judge_samples
from sandbox.launch import open_sandbox
from tasks.registry import load
from tasks.task import AnswerForm
from tasks.verdict import Verdict

name, file, out, workers, data = sys.argv[1:]
task = load(name, data_dir=Path(data))
problems = {problem.task_id: problem for problem in task.problems}
rows = [json.loads(line) for line in Path(file).read_text().splitlines()]
samples = (
    Sample(problems[row["task_id"]], number, [row["solution"]], AnswerForm.PROGRAM) for number, row in enumerate(rows)
)
with open_sandbox(workers=int(workers)) as sandbox:
    found = {
        record.sample: [bool(record.base), record.verdict is Verdict.PASSED, bool(record.confirmed), record.detail]
        for record in judge_samples(task, samples, sandbox)
    }
Path(out).write_text(json.dumps(found))
