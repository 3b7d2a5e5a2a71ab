"""Every reference of a task through the real judge: how many pass, how many are confirmed, and why the others do not.

python tests/performance/references.py                               HumanEval+ under three oracles, MBPP+, CodeEval-Pro
python tests/performance/references.py mbpp-plus@head humaneval      tasks, or families of them

Nothing comes from the execution cache. EvalPlus' expected values are computed first where this machine lacks them.
"""

import argparse
import time
from pathlib import Path

from tabulate import tabulate

from harness.judging.judge import Sample, judge_samples
from sandbox.launch import open_sandbox
from sandbox.sandbox import Sandbox
from tasks.registry import expand, load
from tasks.task import AnswerForm
from tasks.verdict import Verdict

DATA = Path(__file__).parents[3] / "shared" / "data" / "benchmarks"
TASKS = (
    *("humaneval-plus", "humaneval-plus@head", "humaneval-plus@0.3.1"),
    *("mbpp-plus", "mbpp-plus@0.3.1", "mbpp-plus-0.1.0", "mbpp-plus-0.1.0@head", "humaneval-pro", "mbpp-pro"),
)


def check(name: str, data: Path, sandbox: Sandbox) -> tuple[list[object], list[str]]:
    """A row of the table, and a line for each reference that is not confirmed."""
    task, began = load(name, data_dir=data), time.monotonic()
    samples = (
        Sample(problem, 0, [task.reference(problem)], AnswerForm.PROGRAM)  # a whole program, byte for byte
        for problem in task.problems
    )
    records = sorted(judge_samples(task, samples, sandbox), key=lambda record: record.task_id)
    passed = sum(record.verdict is Verdict.PASSED for record in records)
    confirmed = sum(record.confirmed is True for record in records)
    why = [f"{name} {each.task_id}: {each.verdict}: {each.detail}" for each in records if not each.confirmed]
    total = len(records)
    return [name, total, passed, confirmed, round(time.monotonic() - began)], why


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", nargs="*", default=TASKS)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--workers", type=int)
    options = parser.parse_args()
    if not options.data.is_dir():
        print(f"skipped: {options.data} is not there; --data names the folder with the benchmarks' files")
        return
    rows: list[list[object]] = []
    with open_sandbox(workers=options.workers) as sandbox:
        for name in (member for asked in options.tasks for member in expand(asked)):
            row, why = check(name, options.data, sandbox)
            print(*why, sep="\n", end="\n" if why else "", flush=True)
            rows.append(row)
    print(tabulate(rows, ["task", "references", "passed", "confirmed", "seconds"], tablefmt="github"))


if __name__ == "__main__":
    main()
