"""How many of the handed answers get the verdict that a careful reader expects: ours, and other harnesses' rules.

python tests/performance/answers.py

The answers of ../shared/cases/answers are what models write today, modelled on public bug reports. Each tool finds code
by its own rules; the programs then run in the same sandbox against the same tests. bigcode-evaluation-harness is the
policy `upstream`, which tests compare with it byte for byte; EvalPlus' sanitizer (Python alone) is its own package.
"""

import json
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from judging_parts.contestants import EVALPLUS_VENV, install_evalplus
from tabulate import tabulate

from harness.judging.judge import Sample, judge_samples
from sandbox.launch import open_sandbox
from tasks.policy import ExtractionPolicy, under_policy
from tasks.registry import AnyTask, load
from tasks.task import AnswerForm, Problem

SHARED = Path(__file__).parents[3] / "shared"
CASES = SHARED / "cases" / "answers"
PARTS = Path(__file__).parent / "answers_parts"
EVALPLUS = "EvalPlus 0.3.1"
SANITIZER_NEEDS = ("tree-sitter==0.23.2", "tree-sitter-python==0.23.6", "tqdm", "fire", "appdirs", "wget")
TOOLS = (*ExtractionPolicy, EVALPLUS)


@dataclass(frozen=True)
class Case:
    """One handed answer."""

    kind: str
    task: AnyTask
    problem: Problem
    answer: str
    expected: tuple[str, ...]


def cases() -> Iterator[Case]:
    """The answers in chat styles; samples whose form is known follow no rules."""
    for file in sorted(CASES.glob("K*.raw.chat.jsonl")):
        kind, name, *_ = file.name.split(".")
        task = load(name, "chat", SHARED / "data" / "benchmarks")
        problems = {problem.task_id: problem for problem in task.problems}
        for row in map(json.loads, filter(None, file.read_text().splitlines())):
            expected = row["expected"] if isinstance(row["expected"], list) else [row["expected"]]
            yield Case(kind[:3], task, problems[row["task_id"]], row["completion"], tuple(expected))


def sanitized(asked: list[Case]) -> list[str]:
    """The code that EvalPlus' sanitizer finds in each."""
    install_evalplus()
    marker = EVALPLUS_VENV / "sanitizer-installed"
    if not marker.exists():
        pip = [EVALPLUS_VENV / "bin/python", "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
        subprocess.run([*pip, *SANITIZER_NEEDS], check=True)
        marker.touch()
    rows: list[dict[str, Any]] = [
        {"answer": case.answer, "entry_point": getattr(case.problem, "function", None) or entry_point(case.problem)}
        for case in asked
    ]
    done = subprocess.run(
        [EVALPLUS_VENV / "bin/python", PARTS / "evalplus_sanitizer.py"],
        input="".join(json.dumps(row) + "\n" for row in rows),
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def entry_point(problem: Problem) -> str:
    return str(getattr(problem, "entry_point", ""))


def as_expected(asked: list[Case], policy: ExtractionPolicy, codes: list[str] | None = None) -> Counter[str]:
    """By kind, how many of the answers get an expected verdict; `codes` are run as they are."""
    found: Counter[str] = Counter()
    with open_sandbox() as sandbox:
        for task in {id(case.task): case.task for case in asked}.values():
            numbered = [(number, case) for number, case in enumerate(asked) if case.task is task]
            form = AnswerForm.AUTO if codes is None else AnswerForm.PROGRAM
            samples = [
                Sample(case.problem, number, [case.answer if codes is None else codes[number]], form, confirm=False)
                for number, case in numbered
            ]
            for record in judge_samples(under_policy(task, policy), samples, sandbox):
                case = asked[record.sample]
                found[case.kind] += record.verdict.value in case.expected
    return found


def main() -> None:
    if not CASES.is_dir():
        print(f"skipped: {CASES} is not there")
        return
    asked = list(cases())
    python = [case for case in asked if case.problem.language == "python"]
    results = {policy.value: as_expected(asked, policy) for policy in ExtractionPolicy}
    results[EVALPLUS] = as_expected(python, ExtractionPolicy.ROBUST, sanitized(python))
    of_python = {policy: as_expected(python, ExtractionPolicy(policy)).total() for policy in ExtractionPolicy}
    totals, python_totals = (Counter(case.kind for case in chosen) for chosen in (asked, python))
    table = [
        [
            kind,
            totals[kind],
            *(results[policy.value][kind] for policy in ExtractionPolicy),
            f"{results[EVALPLUS][kind]} of {python_totals[kind]}" if python_totals[kind] else "",
        ]
        for kind in totals
    ]
    table.append(["all", len(asked), *(results[policy.value].total() for policy in ExtractionPolicy), ""])
    ours = (of_python[policy] for policy in ExtractionPolicy)
    table.append(["Python alone", len(python), *ours, f"{results[EVALPLUS].total()} of {len(python)}"])
    print(tabulate(table, ["kind", "answers", *map(str, TOOLS)], tablefmt="github"))


if __name__ == "__main__":
    main()
