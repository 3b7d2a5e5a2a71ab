"""WaveCoder-Ultra's published verdicts of HumanEval+ and MBPP+ beside ours, row by row.

python tests/performance/published_plus.py         a few minutes

Fails where another row differs than tests/tasks/published_plus.toml explains, or where one of these no longer does.
"""

import argparse
import json
import tomllib
from pathlib import Path

from tabulate import tabulate

from harness.judging.judge import Sample, judge_samples
from sandbox.launch import open_sandbox
from tasks.registry import load
from tasks.task import AnswerForm
from tasks.verdict import Verdict

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
REASONS = ROOT / "tests" / "tasks" / "published_plus.toml"
SAMPLES = {
    "humaneval-plus": "wavecoder-ultra-6.7b.humaneval.jsonl",
    "mbpp-plus-0.1.0": "wavecoder-ultra-6.7b.mbpp.jsonl",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder with benchmarks/ and generations/")
    parser.add_argument("--oracles", nargs="*", default=["head", "0.2.1"])
    parser.add_argument("--workers", type=int)
    options = parser.parse_args()
    if not options.shared.is_dir():
        print(f"skipped: {options.shared} is not there")
        return
    explained = tomllib.loads(REASONS.read_text())
    table: list[list[object]] = []
    unexplained: list[str] = []
    with open_sandbox(workers=options.workers) as sandbox:
        for name, file in SAMPLES.items():
            lines = (options.shared / "generations" / file).read_text().splitlines()
            published = {row["task_id"]: row for row in map(json.loads, lines)}
            for oracle in options.oracles:
                task = load(f"{name}@{oracle}", data_dir=options.shared / "benchmarks")
                reasons: dict[str, str] = explained[name][oracle]
                samples = (
                    Sample(problem, 0, [published[problem.task_id]["solution"]], AnswerForm.PROGRAM)
                    for problem in task.problems
                )
                same_base = same_plus = 0
                for record in judge_samples(task, samples, sandbox):
                    theirs = published[record.task_id]
                    passed = record.verdict is Verdict.PASSED
                    same_base += record.base == theirs["passed"]
                    same_plus += passed == (theirs["passed"] and theirs["passed_plus"])
                    differs = (record.base, passed) != (theirs["passed"], theirs["passed"] and theirs["passed_plus"])
                    why = reasons.get(record.task_id, "")
                    if differs != bool(why):
                        unexplained.append(f"{task.name} {record.task_id}: {record.verdict}: {record.detail}")
                    if differs:
                        print(f"{task.name} {record.task_id}: {record.verdict} here: {why or 'not explained'}")
                table.append([task.name, len(published), same_base, same_plus, len(reasons)])
    print(tabulate(table, ["task", "rows", "base agree", "base and plus agree", "explained"], tablefmt="github"))
    if unexplained:
        raise SystemExit("\n".join(["Not as explained:", *unexplained]))


if __name__ == "__main__":
    main()
